package train

import (
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/halftone-go/halftone/nets/datasets"
)

// batchKey names a batch: of the training part in an outer loop, or of the test part, whose outer loop is 0.
type batchKey struct {
	part         datasets.Part
	outer, batch int
}

// loader assembles batches, by itself while something else is computed. What a batch holds depends on its key alone, not
// on when it is assembled.
type loader struct {
	// open returns the batches of an outer loop. It may be called from several goroutines.
	open  func(part datasets.Part, outer int) (datasets.Batches[float32], error)
	sizes [2][]int // of the elements of inputs and targets
	rows  int      // of a batch

	mutex  sync.Mutex
	opened map[datasets.Part]openBatches
	ahead  map[datasets.Part]*loading
}

// openBatches are the batches of an outer loop.
type openBatches struct {
	outer   int
	batches datasets.Batches[float32]
}

// loading is a batch that is assembled, or was.
type loading struct {
	key             batchKey
	inputs, targets [][]float32
	samples         int
	err             error
	panicked        any
	done            chan struct{} // closed when all else is there
}

// batches returns those of an outer loop. The last one of each part is kept.
func (l *loader) batches(part datasets.Part, outer int) (datasets.Batches[float32], error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if o, ok := l.opened[part]; ok && o.outer == outer {
		return o.batches, nil
	}
	batches, err := l.open(part, outer)
	if err != nil {
		return nil, err
	}
	if l.opened == nil {
		l.opened = map[datasets.Part]openBatches{}
	}
	l.opened[part] = openBatches{outer, batches}
	return batches, nil
}

// prepare begins to assemble a batch that will be wanted soon. One batch of each part is kept so.
func (l *loader) prepare(key batchKey) {
	into := l.ahead[key.part]
	if into == nil {
		into = &loading{inputs: makeSlices(l.sizes[0]), targets: makeSlices(l.sizes[1])}
		if l.ahead == nil {
			l.ahead = map[datasets.Part]*loading{}
		}
		l.ahead[key.part] = into
	} else {
		if into.key == key {
			return
		}
		<-into.done
	}
	into.key, into.err, into.panicked, into.done = key, nil, nil, make(chan struct{})
	go func() {
		defer close(into.done)
		defer func() {
			if p := recover(); p != nil {
				into.panicked = fmt.Sprintf("%v, assembling batch %d\n%s", p, key.batch, debug.Stack())
			}
		}()
		into.samples, into.err = l.fill(key, into.inputs, into.targets)
	}()
}

// take returns a batch that is prepared, nil if it is not. It waits for one that is being assembled. What went wrong there
// goes wrong here.
func (l *loader) take(key batchKey) *loading {
	from := l.ahead[key.part]
	if from == nil || from.key != key {
		return nil
	}
	<-from.done
	if from.panicked != nil {
		panic(from.panicked)
	}
	return from
}

// fill assembles a batch and returns how many of its samples are no copies. The targets of copies are zero: a
// cross-entropy does not see them.
func (l *loader) fill(key batchKey, inputs, targets [][]float32) (samples int, err error) {
	from, err := l.batches(key.part, key.outer)
	if err != nil {
		return 0, err
	}
	if samples, err = from.Fill(key.batch, inputs, targets); err != nil {
		return 0, err
	}
	for _, t := range targets {
		clear(t[samples*(len(t)/l.rows):])
	}
	return samples, nil
}

// close waits for what is being assembled.
func (l *loader) close() {
	for _, a := range l.ahead {
		<-a.done
	}
}

func makeSlices(sizes []int) [][]float32 {
	slices := make([][]float32, len(sizes))
	for i, n := range sizes {
		slices[i] = make([]float32, n)
	}
	return slices
}
