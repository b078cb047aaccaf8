package datasets

import "github.com/pkg/errors"

// Float is the element type of a batch.
type Float interface{ float32 | float64 }

// Order says which samples the batches hold, and in which order. A sample is an image, or a window of a text.
type Order struct {
	Part  Part
	Limit int // only the first Limit samples of the part; 0 is all
	Batch int // samples per batch
	// Window is the number of characters of a sample of text; images have none.
	Window int
	// Shuffle takes the samples in the order of Permutation(Seed, Epoch, count), else they come as in the files.
	Shuffle bool
	// Augment applies Images.Augmentation(Seed, Epoch, sample); text has none.
	Augment bool
	// Whole leaves out a last batch that is not full, as training does. Else it is filled up with copies of its last
	// sample, which no maximum or minimum over the batch notices.
	Whole bool
	Seed  uint64
	Epoch uint32 // the epoch or, for algorithms with outer loops, the outer loop: what is shuffled anew in each
}

// Batches assembles the batches of one epoch. It is read-only: several goroutines may fill batches at the same time.
type Batches[T Float] interface {
	// Count returns the number of batches.
	Count() int
	// Samples returns the numbers of batch b's samples within the part, without copies that fill it up.
	Samples(b int) []int
	// Fill writes batch b and returns the number of samples in it that are no copies. For images inputs[0] gets
	// the pixels, normalised, in (batch, channels, height, width), and targets[0] the one-hot labels in (batch,
	// classes). For text inputs[t] gets the one-hot characters at place t of each window, and targets[t] those that
	// follow, both in (batch, vocabulary).
	Fill(b int, inputs, targets [][]T) (samples int, err error)
	// Labels writes the target classes of batch b: dst[i] for sample i, for text dst[t*batch + i] for place t of window i.
	Labels(b int, dst []int32) error
}

// NewBatches returns the batches of set in the given order.
func NewBatches[T Float](set Set, o Order) (Batches[T], error) {
	switch s := set.(type) {
	case *Images:
		return newImageBatches[T](s, o)
	case *Text:
		return NewTextBatches[T](s, o)
	}
	return nil, errors.Errorf("cannot make batches of a %T", set)
}

// schedule is which sample stands where.
type schedule struct {
	Order
	samples []int
	batches int
}

// newSchedule arranges the samples of a part that holds available of them. name is for messages.
func newSchedule(o Order, name string, available int) (schedule, error) {
	count := available
	if o.Limit > 0 && o.Limit < count {
		count = o.Limit
	}
	if o.Batch < 1 || o.Limit < 0 {
		return schedule{}, errors.Errorf("batches of %d samples with a limit of %d: the batch size must be at least 1 and the limit not negative", o.Batch, o.Limit)
	}
	s := schedule{Order: o, batches: (count + o.Batch - 1) / o.Batch}
	if o.Whole {
		s.batches = count / o.Batch
	}
	if s.batches == 0 {
		return schedule{}, errors.Errorf("%s: a batch of %d is more than the %d samples of the %s part; use a smaller batch or a higher limit", name, o.Batch, count, o.Part)
	}
	if o.Shuffle {
		s.samples = Permutation(o.Seed, o.Epoch, count)
	} else {
		s.samples = make([]int, count)
		for i := range s.samples {
			s.samples[i] = i
		}
	}
	return s, nil
}

// Count returns the number of batches.
func (s *schedule) Count() int { return s.batches }

// Samples returns the numbers of batch b's samples.
func (s *schedule) Samples(b int) []int {
	return s.samples[b*s.Batch : min((b+1)*s.Batch, len(s.samples))]
}

// check tells whether there is a batch b.
func (s *schedule) check(b int) error {
	if b < 0 || b >= s.batches {
		return errors.Errorf("no batch %d: there are %d", b, s.batches)
	}
	return nil
}

// at returns the sample at place i of batch b.
func (s *schedule) at(b, i int) int {
	return s.samples[min(b*s.Batch+i, len(s.samples)-1)]
}

// checkShape tells whether slices holds count slices of size elements.
func checkShape[T Float](what string, slices [][]T, count, size int) error {
	if len(slices) != count {
		return errors.Errorf("%d %s, expected %d", len(slices), what, count)
	}
	for i, s := range slices {
		if len(s) != size {
			return errors.Errorf("%s %d holds %d elements, expected %d", what, i, len(s), size)
		}
	}
	return nil
}
