package datasets

import (
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPermutation(t *testing.T) {
	order := Permutation(1, 2, 1000)
	assert.Equal(t, order, Permutation(1, 2, 1000))
	assert.NotEqual(t, order, Permutation(1, 3, 1000))
	assert.NotEqual(t, order, Permutation(2, 2, 1000))
	sorted := slices.Sorted(slices.Values(order))
	for i, v := range sorted {
		require.Equal(t, i, v)
	}
}

// Each number stands at the first place about equally often.
func TestPermutationIsUniform(t *testing.T) {
	const n, epochs = 5, 5000
	var counts [n]int
	for epoch := range uint32(epochs) {
		counts[Permutation(7, epoch, n)[0]]++
	}
	for _, c := range counts {
		// Five standard deviations of a binomial count: sqrt(5000 * 0.2 * 0.8) = 28.3.
		assert.InDelta(t, epochs/n, c, 5*28.3)
	}
}

func TestAugmentationIsUniform(t *testing.T) {
	im := &Images{Pad: 4, Flip: true}
	counts := make(map[Augmentation]int)
	const samples = 162 * 200
	for i := range samples {
		a := im.Augmentation(3, 1, i)
		require.True(t, a.Top >= 0 && a.Top <= 8 && a.Left >= 0 && a.Left <= 8)
		counts[a]++
	}
	require.Len(t, counts, 9*9*2)
	for a, c := range counts {
		// Six standard deviations about 200.
		assert.InDelta(t, 200, c, 6*14.2, "%+v", a)
	}
	first := im.Augmentation(3, 1, 5)
	assert.Equal(t, first, im.Augmentation(3, 1, 5), "a pure function")
}

// ramp is a set of images whose pixels tell channel, row and column.
func ramp(count int) *Images {
	im := &Images{
		Classes: []string{"a", "b", "c"}, Channels: 2, Height: 6, Width: 6,
		Mean: []float64{.25, .5}, Std: []float64{.5, .25}, Pad: 2, Flip: true,
	}
	for i := range count {
		im.Train.Labels = append(im.Train.Labels, byte(i%3))
		for c := range 2 {
			for y := range 6 {
				for x := range 6 {
					im.Train.Pixels = append(im.Train.Pixels, byte(1+72*(i%3)+36*c+6*y+x))
				}
			}
		}
	}
	im.Test = im.Train
	return im
}

// padded returns the pixel of image i that the definition of Augmentation puts at (c, y, x).
func padded(im *Images, i, c, y, x int, a Augmentation) byte {
	if a.Flip {
		x = im.Width - 1 - x
	}
	y, x = y+a.Top-a.Pad, x+a.Left-a.Pad
	if y < 0 || x < 0 || y >= im.Height || x >= im.Width {
		return 0
	}
	return im.Train.Pixels[i*im.size()+c*36+y*6+x]
}

func TestImageBatches(t *testing.T) {
	im := ramp(10)
	o := Order{Batch: 4, Shuffle: true, Augment: true, Whole: true, Seed: 5, Epoch: 9}
	b, err := NewBatches[float64](im, o)
	require.NoError(t, err)
	require.Equal(t, 2, b.Count())
	x, y := make([]float64, 4*72), make([]float64, 4*3)
	labels := make([]int32, 4)
	for batch := range b.Count() {
		n, err := b.Fill(batch, [][]float64{x}, [][]float64{y})
		require.NoError(t, err)
		require.Equal(t, 4, n)
		require.NoError(t, b.Labels(batch, labels))
		samples := b.Samples(batch)
		assert.Equal(t, Permutation(5, 9, 10)[4*batch:][:4], samples)
		for i, sample := range samples {
			a := im.Augmentation(5, 9, sample)
			for e := range 72 {
				c := e / 36
				want := (float64(padded(im, sample, c, e/6%6, e%6, a))/255 - im.Mean[c]) / im.Std[c]
				require.Equal(t, want, x[i*72+e])
			}
			assert.EqualValues(t, sample%3, labels[i])
			for class := range 3 {
				assert.EqualValues(t, oneIf(class == sample%3), y[i*3+class])
			}
		}
	}
}

func TestSequentialBatchesAreFilledUp(t *testing.T) {
	im := ramp(10)
	b, err := NewBatches[float32](im, Order{Part: Test, Batch: 4})
	require.NoError(t, err)
	require.Equal(t, 3, b.Count())
	x, y := make([]float32, 4*72), make([]float32, 4*3)
	n, err := b.Fill(2, [][]float32{x}, [][]float32{y})
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	assert.Equal(t, []int{8, 9}, b.Samples(2))
	assert.Equal(t, x[72:144], x[144:216])
	assert.Equal(t, x[72:144], x[216:])
	assert.Equal(t, []float32{0, 0, 1, 1, 0, 0, 1, 0, 0, 1, 0, 0}, y)
	assert.Equal(t, float32((1+2*72.0)/255-.25)/.5, x[0], "no augmentation")
}

func TestLimitedBatches(t *testing.T) {
	im := ramp(10)
	b, err := NewBatches[float32](im, Order{Batch: 3, Limit: 7, Shuffle: true, Whole: true})
	require.NoError(t, err)
	assert.Equal(t, 2, b.Count())
	for _, sample := range append(slices.Clone(b.Samples(0)), b.Samples(1)...) {
		assert.Less(t, sample, 7)
	}
	_, err = NewBatches[float32](im, Order{Batch: 8, Limit: 7, Whole: true})
	assert.ErrorContains(t, err, "a batch of 8 is more than the 7 samples of the train part")
	_, err = NewBatches[float32](im, Order{})
	assert.ErrorContains(t, err, "batch size must be at least 1")
}

func TestBatchesRefuseOtherShapes(t *testing.T) {
	b, err := NewBatches[float32](ramp(4), Order{Batch: 2})
	require.NoError(t, err)
	x, y := make([]float32, 2*72), make([]float32, 2*3)
	_, err = b.Fill(2, [][]float32{x}, [][]float32{y})
	assert.ErrorContains(t, err, "no batch 2: there are 2")
	_, err = b.Fill(0, [][]float32{x, x}, [][]float32{y})
	assert.ErrorContains(t, err, "2 inputs, expected 1")
	_, err = b.Fill(0, [][]float32{x}, [][]float32{y[:5]})
	assert.ErrorContains(t, err, "targets 0 holds 5 elements, expected 6")
	assert.ErrorContains(t, b.Labels(0, make([]int32, 3)), "room for 3 labels, expected 2")
}

// Batches are the same whoever fills them, in whatever order.
func TestBatchesInParallel(t *testing.T) {
	b, err := NewBatches[float32](ramp(64), Order{Batch: 4, Shuffle: true, Augment: true, Seed: 1})
	require.NoError(t, err)
	fill := func(batch int) []float32 {
		x, y := make([]float32, 4*72), make([]float32, 4*3)
		_, err := b.Fill(batch, [][]float32{x}, [][]float32{y})
		assert.NoError(t, err)
		return x
	}
	parallel := make([][]float32, b.Count())
	var group sync.WaitGroup
	for batch := range parallel {
		group.Go(func() { parallel[batch] = fill(batch) })
	}
	group.Wait()
	for batch := range parallel {
		assert.Equal(t, fill(batch), parallel[batch])
	}
}
