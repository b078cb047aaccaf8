package datasets

import (
	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

type imageBatches[T Float] struct {
	schedule
	images *Images
	split  *Split
	draw   number.Draw
	// normal maps a channel's byte to its normalised value.
	normal [][256]T
}

func newImageBatches[T Float](im *Images, o Order) (*imageBatches[T], error) {
	s, err := newSchedule(o, im.info.Name, im.Count(o.Part))
	if err != nil {
		return nil, err
	}
	return &imageBatches[T]{
		schedule: s, images: im, split: im.Split(o.Part),
		draw:   number.Draw{Stream: augmentStream(o.Seed), Execution: o.Epoch, Domain: number.Data},
		normal: normalisation[T](im),
	}, nil
}

// normalisation tabulates (pixel/255 - mean)/std, computed in float64 and rounded once to T.
func normalisation[T Float](im *Images) [][256]T {
	table := make([][256]T, im.Channels)
	for c := range table {
		for pixel := range 256 {
			table[c][pixel] = T((float64(pixel)/255 - im.Mean[c]) / im.Std[c])
		}
	}
	return table
}

// Fill writes batch b, see Batches.
func (e *imageBatches[T]) Fill(b int, inputs, targets [][]T) (int, error) {
	size, classes := e.images.size(), len(e.images.Classes)
	if err := e.check(b); err != nil {
		return 0, err
	}
	if err := checkShape("inputs", inputs, 1, e.Batch*size); err != nil {
		return 0, err
	}
	if err := checkShape("targets", targets, 1, e.Batch*classes); err != nil {
		return 0, err
	}
	clear(targets[0])
	for i := range e.Batch {
		sample := e.at(b, i)
		dst, src := inputs[0][i*size:][:size], e.split.Pixels[sample*size:][:size]
		if e.Augment {
			e.fillAugmented(dst, src, e.images.augmentation(e.draw, sample))
		} else {
			e.fill(dst, src)
		}
		targets[0][i*classes+int(e.split.Labels[sample])] = 1
	}
	return len(e.Samples(b)), nil
}

func (e *imageBatches[T]) fill(dst []T, src []byte) {
	plane := e.images.Height * e.images.Width
	for c := range e.normal {
		normal := &e.normal[c]
		out := dst[c*plane:][:plane]
		for i, pixel := range src[c*plane:][:plane] {
			out[i] = normal[pixel]
		}
	}
}

func (e *imageBatches[T]) fillAugmented(dst []T, src []byte, a Augmentation) {
	height, width := e.images.Height, e.images.Width
	for c := range e.normal {
		normal := &e.normal[c]
		for y := range height {
			out := dst[(c*height+y)*width:][:width]
			row := y + a.Top - a.Pad
			inside := row >= 0 && row < height
			for x := range width {
				column := x + a.Left - a.Pad
				if a.Flip {
					column = width - 1 - x + a.Left - a.Pad
				}
				pixel := byte(0)
				if inside && column >= 0 && column < width {
					pixel = src[(c*height+row)*width+column]
				}
				out[x] = normal[pixel]
			}
		}
	}
}

// Labels writes the labels of batch b, see Batches.
func (e *imageBatches[T]) Labels(b int, dst []int32) error {
	if err := e.check(b); err != nil {
		return err
	}
	if len(dst) != e.Batch {
		return errors.Errorf("room for %d labels, expected %d", len(dst), e.Batch)
	}
	for i := range dst {
		dst[i] = int32(e.split.Labels[e.at(b, i)])
	}
	return nil
}
