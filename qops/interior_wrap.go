package qops

import (
	"github.com/halftone-go/halftone/internal/kernel"
	"github.com/halftone-go/halftone/internal/kernel/mac"
	"github.com/halftone-go/halftone/internal/kernel/parallel"
)

// wrapExact takes the exact sums by whichever arithmetic is the fastest, and wraps them where they lie: sums of codes that
// float32 holds, of formats whose values are finite. It reports whether it could.
func (i *Interior) wrapExact(c *Call, op summer, r register, steps runs, s *interiorScratch) bool {
	if c.Out.F32 == nil || !wholeCodes(c.In[0]) || !wholeCodes(c.In[1]) || i.Sum.Width() > mac.MaxWrapWidth {
		return false
	}
	for _, step := range steps.of {
		if !isPowerOfTwo(step) {
			return false
		}
	}
	if r.bound > exactFloat32 {
		o, ok := op.(*Conv)
		return ok && i.wrapSamples(c, o, r, s, steps)
	}
	if cert := op.product().decide(c); !cert.Exact || cert.Codes {
		return false
	}
	exact := *c
	exact.Interior = nil
	if err := op.(Op).Run(&exact); err != nil {
		return false
	}
	width := i.Sum.Width()
	parallel.For(len(c.Out.F32), grain, c.Threads, func(lo, hi int) {
		steps.each(lo, hi, func(lo, hi int, step float64) { mac.WrapSums(c.Out.F32[lo:hi], float32(step), width) })
	})
	return true
}

// wrapSamples takes the gradient of a weight in parts of so many samples that float32 holds their sums, and adds these as
// integers, which wrap.
func (i *Interior) wrapSamples(c *Call, o *Conv, r register, s *interiorScratch, steps runs) bool {
	samples := int(exactFloat32 / (r.one * float64(o.Kernel.OH()*o.Kernel.OW())))
	if o.what != convBackwardWeight || samples < 1 {
		return false
	}
	parts := (o.Kernel.N + samples - 1) / samples
	workers := min(max(c.Threads, 1), parts)
	n := len(c.Out.F32)
	s.parts, s.sum32 = resize32(s.parts, workers*n), resizeFloats(s.sum32, workers*n)
	clear(s.parts)
	done := make([]bool, workers)
	parallel.For(workers, 1, workers, func(lo, hi int) {
		for w := lo; w < hi; w++ {
			total, sums := s.parts[w*n:(w+1)*n], s.sum32[w*n:(w+1)*n]
			done[w] = true
			for part := parts * w / workers; part < parts*(w+1)/workers; part++ {
				done[w] = done[w] && o.partOfSamples(c, sums, part*samples, min((part+1)*samples, o.Kernel.N))
				steps.each(0, n, func(lo, hi int, step float64) {
					mac.AddSums(total[lo:hi], sums[lo:hi], float32(step))
				})
			}
		}
	})
	for w := range workers {
		if !done[w] {
			return false
		}
		for j, v := range s.parts[w*n : (w+1)*n] {
			if w > 0 {
				s.parts[j] += v
			}
		}
	}
	steps.each(0, n, func(lo, hi int, step float64) {
		for j := lo; j < hi; j++ {
			c.Out.F32[j] = float32(wrap(int64(s.parts[j]), i.Sum.Width())) * float32(step)
		}
	})
	return true
}

// partOfSamples computes the gradient of the samples from to to, on one thread. It reports whether that is exact.
func (o *Conv) partOfSamples(c *Call, out []float32, from, to int) bool {
	part := &Conv{base: o.base, what: o.what, Kernel: o.Kernel}
	part.Kernel.N = to - from
	call := Call{Out: &Array{Shape: c.Out.Shape, F32: out}, Threads: 1}
	for _, x := range c.In {
		per := x.Size() / o.Kernel.N
		shape := append([]int{to - from}, x.Shape[1:]...)
		call.In = append(call.In, &Array{Shape: shape, F32: x.F32[from*per : to*per], Grid: x.Grid})
	}
	cert := part.product().decide(&call)
	return cert.Exact && !cert.Codes && cert.Sum == kernel.Sequence && part.Run(&call) == nil
}

// wholeCodes reports that the values of an operand are finite numbers of steps.
func wholeCodes(x *Array) bool {
	kind := x.Grid.Format.Kind()
	return x.Grid.Codes == nil && (kind == "fixed" || kind == "bfp")
}

// runs are steps of neighbouring outputs.
type runs struct {
	of   []float64
	size int // outputs of a run; of[run % len(of)] is its step
}

// outputSteps returns the steps of all outputs.
func outputSteps(shape []int, outer [2]int, a, b *Array) runs {
	stepOf := outputStep(shape, outer, a, b)
	r := runs{size: size(shape)}
	for k, x := range []*Array{a, b} {
		if len(x.Grid.Scales.Step) > 1 {
			r.size = min(r.size, size(shape[outer[k]+1:]))
		}
	}
	for i := 0; i < size(shape); i += r.size {
		r.of = append(r.of, stepOf(i))
	}
	return r
}

func (r runs) each(lo, hi int, visit func(lo, hi int, step float64)) {
	for lo < hi {
		end := min((lo/r.size+1)*r.size, hi)
		visit(lo, end, r.of[lo/r.size])
		lo = end
	}
}

func resize32(s []int32, n int) []int32 {
	if cap(s) < n {
		return make([]int32, n)
	}
	return s[:n]
}
