package datasets

import "bytes"

// The synthetic set: each class has a smooth periodic pattern of 32x32 in three channels. An image is the pattern of its
// class, shifted by up to 4 pixels, with random contrast and brightness, over a weaker pattern of another class, with
// noise. All of it is integer arithmetic on the counter-based stream with seed 0, so every machine gets the same bytes.
const (
	syntheticTrain   = 10_000
	syntheticTest    = 2_000
	syntheticClasses = 10
	syntheticSide    = 32
	syntheticGrid    = 8 // a pattern is interpolated from 8x8 random values
	syntheticShift   = 4
)

// pattern holds a class's values about 0, in (channel, row, column).
type pattern [3][syntheticSide][syntheticSide]int

func loadSynthetic(l *Layout, _ string) (Set, error) {
	im := &Images{
		Classes:  []string{"synthetic 0", "synthetic 1", "synthetic 2", "synthetic 3", "synthetic 4", "synthetic 5", "synthetic 6", "synthetic 7", "synthetic 8", "synthetic 9"},
		Channels: 3, Height: syntheticSide, Width: syntheticSide,
		Mean: []float64{.5, .5, .5},
		Std:  []float64{.2, .2, .2},
		Pad:  4, Flip: true,
		Train: syntheticSplit(0, syntheticTrain),
		Test:  syntheticSplit(syntheticTrain, syntheticTest),
	}
	var files []File
	for _, part := range []struct {
		name  string
		split Split
	}{{"train", im.Train}, {"test", im.Test}} {
		d := newDigester()
		if _, err := bytes.NewReader(part.split.Labels).WriteTo(d); err != nil {
			return nil, err
		}
		if _, err := bytes.NewReader(part.split.Pixels).WriteTo(d); err != nil {
			return nil, err
		}
		files = append(files, d.file("synthetic-"+part.name, ""))
	}
	im.info = Info{
		Name: l.Name, Known: true, Title: "synthetic", Checksum: checksum(files), Files: files,
		Warning: "synthetic: computed pictures, not photographs: figures say nothing about CIFAR-10 or any real data",
	}
	return im, im.check()
}

// syntheticSplit makes the images first to first+count-1 of the endless sequence of synthetic images, whose labels go
// round 0 to 9.
func syntheticSplit(first, count int) Split {
	patterns := syntheticPatterns()
	split := Split{
		Pixels: make([]byte, count*3*syntheticSide*syntheticSide),
		Labels: make([]byte, count),
	}
	const size = 3 * syntheticSide * syntheticSide
	for i := range count {
		label := (first + i) % syntheticClasses
		split.Labels[i] = byte(label)
		syntheticImage(split.Pixels[i*size:][:size], patterns, label, newWords(0, "data/synthetic/image", uint32(first+i)))
	}
	return split
}

func syntheticPatterns() *[syntheticClasses]pattern {
	patterns := new([syntheticClasses]pattern)
	for class := range patterns {
		random := newWords(0, "data/synthetic/pattern", uint32(class))
		for c := range 3 {
			var grid [syntheticGrid][syntheticGrid]int
			for y := range grid {
				for x := range grid[y] {
					grid[y][x] = random.below(256) - 128
				}
			}
			patterns[class][c] = interpolate(&grid)
		}
	}
	return patterns
}

// interpolate draws a grid out to the full size, bilinearly and periodically.
func interpolate(grid *[syntheticGrid][syntheticGrid]int) (plane [syntheticSide][syntheticSide]int) {
	const step = syntheticSide / syntheticGrid
	for y := range plane {
		for x := range plane[y] {
			y0, x0, fy, fx := y/step, x/step, y%step, x%step
			y1, x1 := (y0+1)%syntheticGrid, (x0+1)%syntheticGrid
			above := grid[y0][x0]*(step-fx) + grid[y0][x1]*fx
			below := grid[y1][x0]*(step-fx) + grid[y1][x1]*fx
			plane[y][x] = (above*(step-fy) + below*fy) / (step * step)
		}
	}
	return plane
}

// syntheticImage writes one image of class label.
func syntheticImage(dst []byte, patterns *[syntheticClasses]pattern, label int, random *words) {
	const unit = 64 // of contrast
	other := (label + 1 + random.below(syntheticClasses-1)) % syntheticClasses
	contrast, otherContrast := 24+random.below(41), random.below(25)
	brightness := random.below(65) - 32
	shift := func() int { return syntheticSide + random.below(2*syntheticShift+1) - syntheticShift }
	top, left, otherTop, otherLeft := shift(), shift(), shift(), shift()
	i := 0
	for c := range 3 {
		for y := range syntheticSide {
			row := &patterns[label][c][(y+top)%syntheticSide]
			otherRow := &patterns[other][c][(y+otherTop)%syntheticSide]
			for x := 0; x < syntheticSide; x += 4 {
				noise := random.next()
				for k := range 4 {
					v := contrast*row[(x+k+left)%syntheticSide] + otherContrast*otherRow[(x+k+otherLeft)%syntheticSide]
					v = v/unit + brightness + 128 + (int(noise>>(8*k)&0xff)-128)/2
					dst[i] = byte(min(max(v, 0), 255))
					i++
				}
			}
		}
	}
}
