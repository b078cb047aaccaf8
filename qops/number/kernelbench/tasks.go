package kernelbench

import (
	"math/rand/v2"

	"github.com/halftone-go/halftone/internal/kernel/parallel"
	"github.com/halftone-go/halftone/qops/number"
)

// samples is the number of samples that the tensors have: blocks of block=sample.
const samples = 256

// task is something that is timed.
type task struct {
	name     string
	elements int
	asked    asked
	run      func(in *inputs, threads int) error
	long     bool // takes so long that one turn must do
}

// asked is the least, or at most the seconds, that the design asks for. 0 stands for nothing.
type asked struct{ ofCopy, ratio, seconds float64 }

// turns is how often the task is timed.
func (t task) turns(repetitions int) int {
	if t.long {
		return 1
	}
	return repetitions
}

// time returns the nanoseconds per element of one run.
func (t task) time(in *inputs, threads int) (float64, error) {
	in.grow(t.elements)
	ns, err := clock(!t.long, func() error { return t.run(in, threads) })
	return ns / float64(t.elements), err
}

// quantized are the formats that are timed on tensors as long as the copy.
var quantized = []struct {
	format string
	asked  asked
}{
	{"fixed:w8f4,rne,sat", asked{ofCopy: 0.5, ratio: 40}},
	{"fixed:w8f4,sr,sat", asked{ofCopy: 0.25, ratio: 50}},
	{"bfp:w8e8,block=sample,rne,sat", asked{ofCopy: 0.5, ratio: 15}},
	{"bfp:w8e8,block=sample,sr,sat", asked{ofCopy: 0.25, ratio: 60}},
	{"float:e5m2ieee,rne,sat", asked{ofCopy: 0.5, ratio: 10}},
	{"float:e5m2ieee,sr,sat", asked{ofCopy: 0.25, ratio: 60}},
	{"float:e4m3fn,rne,sat", asked{}},
	{"mx:e4m3,scale=floor,rne,sat", asked{ofCopy: 0.3}},
	{"mx:int8,scale=floor,rne,sat", asked{ofCopy: 0.3}},
	{"int:w8,scale=0.037,rne,sat", asked{}},
}

// encoded are the formats whose codes are timed.
var encoded = []string{"fixed:w8f4,rne,sat", "bfp:w8e8,block=sample,rne,sat", "float:e5m2ieee,rne,sat"}

// levels is the format whose points are found exactly, and the lengths at which it is timed: its time grows linearly.
const levels = "levels:16,optimal,sr"

var levelsOf = []struct {
	elements int
	asked    asked
	long     bool
}{
	{64 << 10, asked{}, false},
	{1 << 20, asked{seconds: 1}, false},
	{16 << 20, asked{}, true},
}

// tasks lists what is timed, the copy first.
func tasks(elements int) []task {
	out := []task{{name: copyName, elements: elements, run: runCopy}}
	for _, q := range quantized {
		out = append(out, task{name: q.format, elements: elements, asked: q.asked, run: quantize(q.format, elements)})
	}
	for _, format := range encoded {
		out = append(out, task{name: format + " codes", elements: elements, run: encode(format, elements)})
	}
	for _, l := range levelsOf {
		out = append(out, task{name: levels, elements: l.elements, asked: l.asked, long: l.long, run: quantize(levels, l.elements)})
	}
	return out
}

// inputs are the tensors: normally distributed values in, values and codes out.
type inputs struct {
	random *rand.Rand
	src    []float32
	dst    []float32
	codes  []int32
}

func newInputs(elements int) *inputs {
	in := &inputs{random: rand.New(rand.NewPCG(1, 2))}
	in.grow(elements)
	in.codes = make([]int32, elements)
	return in
}

// grow makes room for so many elements.
func (in *inputs) grow(elements int) {
	for len(in.src) < elements {
		in.src = append(in.src, float32(in.random.NormFloat64()))
	}
	if len(in.dst) < elements {
		in.dst = make([]float32, elements)
	}
}

// runCopy copies with as many threads as the quantizations.
func runCopy(in *inputs, threads int) error {
	n := len(in.codes)
	parallel.For(n, 1<<14, threads, func(lo, hi int) { copy(in.dst[lo:hi], in.src[lo:hi]) })
	return nil
}

func options(threads int) number.Options {
	return number.Options{Threads: threads, Draw: number.Draw{Stream: number.NewStream(1, "bench")}}
}

func shape(elements int) []int { return []int{samples, elements / samples} }

// quantize returns the quantization of a tensor to values.
func quantize(format string, elements int) func(*inputs, int) error {
	return func(in *inputs, threads int) error {
		f, err := number.Parse(format)
		if err != nil {
			return err
		}
		_, err = number.Quantize(f, in.dst[:elements], in.src[:elements], shape(elements), options(threads))
		return err
	}
}

// encode returns the quantization of a tensor to codes.
func encode(format string, elements int) func(*inputs, int) error {
	return func(in *inputs, threads int) error {
		f, err := number.Parse(format)
		if err != nil {
			return err
		}
		_, err = number.Encode(f, in.codes, in.src[:elements], shape(elements), options(threads))
		return err
	}
}
