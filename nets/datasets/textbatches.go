package datasets

import "github.com/pkg/errors"

// TextBatches assembles windows of a text. Window w of a part holds its characters w*Window to (w+1)*Window - 1, and as
// targets the characters that follow each, so windows do not overlap; a rest at the end that fills no window is left
// out. A model starts each window from the state zero.
type TextBatches[T Float] struct {
	schedule
	ids        []uint16
	vocabulary int
}

// NewTextBatches is NewBatches for a text.
func NewTextBatches[T Float](t *Text, o Order) (*TextBatches[T], error) {
	if o.Augment {
		return nil, errors.Errorf("%s: text has no augmentation", t.info.Name)
	}
	if o.Window < 1 {
		return nil, errors.Errorf("%s: windows of %d characters, expected at least 1", t.info.Name, o.Window)
	}
	ids := t.ids(o.Part)
	s, err := newSchedule(o, t.info.Name, (len(ids)-1)/o.Window)
	if err != nil {
		return nil, err
	}
	return &TextBatches[T]{schedule: s, ids: ids, vocabulary: len(t.Vocabulary)}, nil
}

// IDs writes the characters of batch b as ids in (Window, Batch): inputs[t*Batch + i] is the character at place t of the
// batch's window i, and targets[t*Batch + i] the one that follows it.
func (e *TextBatches[T]) IDs(b int, inputs, targets []int32) error {
	if err := e.check(b); err != nil {
		return err
	}
	if len(inputs) != e.Window*e.Batch || len(targets) != e.Window*e.Batch {
		return errors.Errorf("room for %d and %d characters, expected %d windows of %d", len(inputs), len(targets), e.Batch, e.Window)
	}
	e.each(b, func(t, i int, input, target uint16) {
		inputs[t*e.Batch+i], targets[t*e.Batch+i] = int32(input), int32(target)
	})
	return nil
}

// Fill writes batch b, see Batches.
func (e *TextBatches[T]) Fill(b int, inputs, targets [][]T) (int, error) {
	if err := e.check(b); err != nil {
		return 0, err
	}
	if err := checkShape("inputs", inputs, e.Window, e.Batch*e.vocabulary); err != nil {
		return 0, err
	}
	if err := checkShape("targets", targets, e.Window, e.Batch*e.vocabulary); err != nil {
		return 0, err
	}
	for t := range inputs {
		clear(inputs[t])
		clear(targets[t])
	}
	e.each(b, func(t, i int, input, target uint16) {
		inputs[t][i*e.vocabulary+int(input)] = 1
		targets[t][i*e.vocabulary+int(target)] = 1
	})
	return len(e.Samples(b)), nil
}

// Labels writes the targets of batch b as IDs does.
func (e *TextBatches[T]) Labels(b int, dst []int32) error {
	if err := e.check(b); err != nil {
		return err
	}
	if len(dst) != e.Window*e.Batch {
		return errors.Errorf("room for %d labels, expected %d windows of %d", len(dst), e.Batch, e.Window)
	}
	e.each(b, func(t, i int, _, target uint16) { dst[t*e.Batch+i] = int32(target) })
	return nil
}

// each visits the characters of batch b.
func (e *TextBatches[T]) each(b int, visit func(t, i int, input, target uint16)) {
	for i := range e.Batch {
		first := e.at(b, i) * e.Window
		for t := range e.Window {
			visit(t, i, e.ids[first+t], e.ids[first+t+1])
		}
	}
}
