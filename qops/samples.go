package qops

import (
	"slices"

	"github.com/halftone-go/halftone/qops/number"
)

// SampleRunner runs an op a few samples (indices on axis 0) at a time, so that a chain of ops takes a sample from the
// first to the last while it is in the cache. Not one bit differs from running the op at once.
type SampleRunner interface {
	// BySample tells which operands a sample of the output needs only the same sample of; it needs all of the others. It
	// returns false where the op cannot run by samples.
	BySample(c *Call) (operands []bool, ok bool)
	// BeginSamples comes before the samples of a run, EndSamples behind them.
	BeginSamples(c *Call) error
	EndSamples(c *Call) error
	// RunSamples computes the samples lo to hi. Calls for other samples may run at the same time; view is the caller's
	// room for the parts of the call's arrays.
	RunSamples(c *Call, view *View, lo, hi int) error
}

// independent is implemented by ops without state that compute every element of their output from the same element of
// operands of the same shape and from the whole of other operands, which have a shape of their own.
type independent interface{ independent() }

// BySamples returns how an op runs by samples, if it can.
func BySamples(op Op) (SampleRunner, bool) {
	if r, ok := op.(SampleRunner); ok {
		return r, true
	}
	if _, ok := op.(independent); ok {
		return elementwise{op}, true
	}
	if r, ok := op.(interface {
		channelReducer
		samples() *reducer
	}); ok {
		return reducing{r}, true
	}
	return nil, false
}

// Reduces reports that the output of an op that runs by samples comes from all of them: it is there behind the last.
func Reduces(op Op) bool {
	switch o := op.(type) {
	case *Conv:
		return o.what == convBackwardWeight
	case channelReducer, *SoftmaxLoss:
		return true
	}
	return false
}

// elementwise runs independent ops by samples.
type elementwise struct{ op Op }

func (elementwise) BySample(c *Call) ([]bool, bool) {
	if len(c.Out.Shape) < 2 {
		return nil, false
	}
	operands := make([]bool, len(c.In))
	for i, in := range c.In {
		operands[i] = slices.Equal(in.Shape, c.Out.Shape)
	}
	return operands, slices.Contains(operands, true)
}

func (elementwise) BeginSamples(*Call) error { return nil }
func (elementwise) EndSamples(*Call) error   { return nil }

func (e elementwise) RunSamples(c *Call, view *View, lo, hi int) error {
	return e.op.Run(view.of(c, lo, hi))
}

// View is a call on a part of the samples. It keeps its memory from one part to the next.
type View struct {
	call   Call
	arrays []Array
	scales number.Scales

	rows, whole rows // of a tensor in blocks and the one that it is a part of
}

// of returns the call on the samples lo to hi, on one thread: of the output, and of the operands with its shape.
func (v *View) of(c *Call, lo, hi int) *Call {
	if len(v.arrays) != len(c.In)+1 {
		v.arrays = make([]Array, len(c.In)+1)
		v.call.In = make([]*Array, len(c.In))
	}
	in := v.call.In
	v.call = *c
	v.call.In, v.call.Threads = in, 1
	for i, a := range c.In {
		in[i] = a
		if slices.Equal(a.Shape, c.Out.Shape) {
			in[i] = v.arrays[i+1].part(a, lo, hi)
		}
	}
	v.call.Out = v.arrays[0].part(c.Out, lo, hi)
	return &v.call
}

// part makes a the samples lo to hi of another array.
func (a *Array) part(of *Array, lo, hi int) *Array {
	stride := of.Size() / of.Shape[0]
	a.Shape = append(append(a.Shape[:0], hi-lo), of.Shape[1:]...)
	a.F32, a.F64, a.Blocked, a.Bytes = nil, nil, of.Blocked, nil
	if of.F64 != nil {
		a.F64 = of.F64[lo*stride : hi*stride]
	} else {
		a.F32 = of.F32[lo*stride : hi*stride]
	}
	return a
}

func (*ReLU) independent()          {}
func (*ReLUGrad) independent()      {}
func (*Binary) independent()        {}
func (*Normalise) independent()     {}
func (*NormaliseGrad) independent() {}
func (*ScaleShift) independent()    {}
func (*Scale) independent()         {}
