package emulate

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/pkg/errors"
)

// Options says how a batch is run.
type Options struct {
	// Threads bounds how many images are worked on at once; 0 means one for each processor.
	Threads int
	// Keep selects layers whose codes are kept; nil keeps the last one only.
	Keep func(layer string) bool
	// Progress, if not nil, is called after each image with the number of images that are done, from one goroutine at a time.
	Progress func(done int)
}

// All keeps every layer.
func All(string) bool { return true }

// Codes are the codes of a layer for a batch, row-major; Shape[0] counts the images.
type Codes struct {
	Shape []int
	Data  []int16
}

// Result is what a run leaves behind.
type Result struct {
	// Output is the codes of the last layer.
	Output *Codes
	// Layers are the codes of the layers that were kept, by name.
	Layers map[string]*Codes
	// Overflows counts by layer, for those that overflowed, the outputs whose accumulator did: whose exact sum a wrapping
	// one could not hold, or where a saturating one saturated on the way.
	Overflows map[string]int64
}

// Run runs the program on n images, row-major in (n, Input...). It stops with the context's error when the context ends.
func (in *Interpreter) Run(ctx context.Context, images []float32, n int, o Options) (*Result, error) {
	if err := in.checkImages(images, n); err != nil {
		return nil, err
	}
	last := len(in.nodes) - 1
	r := &Result{Layers: map[string]*Codes{}, Overflows: map[string]int64{}}
	kept := make([]*Codes, len(in.nodes))
	for i, layer := range in.program.Layers {
		if i == last || o.Keep != nil && o.Keep(layer.Name) {
			kept[i] = &Codes{Shape: append([]int{n}, in.nodes[i].shape...), Data: make([]int16, n*volume(in.nodes[i].shape))}
			r.Layers[layer.Name] = kept[i]
		}
	}
	r.Output = kept[last]
	overflows := make([]atomic.Int64, len(in.nodes))
	err := in.each(ctx, n, o, func(w *worker, image int) {
		for i, codes := range kept {
			if codes != nil {
				size := volume(in.nodes[i].shape)
				w.codes[i] = codes.Data[image*size:][:size]
			}
		}
		for i, count := range w.run(in, in.image(images, image), last) {
			overflows[i].Add(count)
		}
	})
	if err != nil {
		return nil, err
	}
	for i := range overflows {
		if count := overflows[i].Load(); count > 0 {
			r.Overflows[in.program.Layers[i].Name] = count
		}
	}
	return r, nil
}

func (in *Interpreter) checkImages(images []float32, n int) error {
	size := volume(in.program.Input)
	if n < 0 || len(images)/size != n || len(images)%size != 0 {
		return errors.Errorf("%d numbers are not %d images of shape %v", len(images), n, in.program.Input)
	}
	return nil
}

func (in *Interpreter) image(images []float32, i int) []float32 {
	size := volume(in.program.Input)
	return images[i*size:][:size]
}

// worker is the memory of one goroutine: the codes of the image that it is at, by layer.
type worker struct {
	codes     [][]int16
	overflows []int64
	call      call
}

func (in *Interpreter) newWorker() *worker {
	w := &worker{codes: make([][]int16, len(in.nodes)), overflows: make([]int64, len(in.nodes))}
	w.call.scratch = new(scratch)
	for i := range in.nodes {
		w.codes[i] = make([]int16, volume(in.nodes[i].shape))
	}
	return w
}

// run takes an image through the layers up to and including last, and returns their overflows.
func (w *worker) run(in *Interpreter, image []float32, last int) []int64 {
	for i := range last + 1 {
		w.overflows[i] = in.nodes[i].step.run(w.at(in, image, i))
	}
	return w.overflows[:last+1]
}

// at is the call of layer i, whose inputs the worker has computed.
func (w *worker) at(in *Interpreter, image []float32, i int) *call {
	w.call.image = image
	w.call.in = w.call.in[:0]
	for _, j := range in.nodes[i].inputs {
		w.call.in = append(w.call.in, w.codes[j])
	}
	w.call.out = w.codes[i]
	return &w.call
}

// each calls do once for each image, from several goroutines with a worker each.
func (in *Interpreter) each(ctx context.Context, n int, o Options, do func(w *worker, image int)) error {
	threads := o.Threads
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	var reporting sync.Mutex
	done := 0
	for range min(threads, n) {
		wait.Go(func() {
			w := in.newWorker()
			for ctx.Err() == nil {
				image := int(next.Add(1)) - 1
				if image >= n {
					return
				}
				do(w, image)
				if o.Progress != nil {
					reporting.Lock()
					done++
					o.Progress(done)
					reporting.Unlock()
				}
			}
		})
	}
	wait.Wait()
	return ctx.Err()
}

// Argmax is the index of the largest code of each image, the first one if several are: the class that a classifier means.
func (c *Codes) Argmax() []int {
	classes := make([]int, c.Shape[0])
	for i := range classes {
		codes := c.Image(i)
		for k, code := range codes {
			if code > codes[classes[i]] {
				classes[i] = k
			}
		}
	}
	return classes
}

// Image is the codes of one image.
func (c *Codes) Image(i int) []int16 {
	size := volume(c.Shape[1:])
	return c.Data[i*size:][:size]
}
