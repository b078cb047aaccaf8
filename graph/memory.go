package graph

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/qops"
)

// planMemory gives every step's output memory before the first run. Memory is reused once its last reader has run; a
// quantize node writes over its operand where nothing reads that later. Kept nodes have memory of their own.
func planMemory(steps []step, keep map[*gorgonia.Node]bool) {
	last := lastReaders(steps)
	var free pool
	dying := map[int][]*qops.Array{}
	for i := range steps {
		s := &steps[i]
		out := s.call.Out
		if x := overwritable(s, i, last, keep); x != nil {
			out.F32, out.F64 = x.F32, x.F64
			last[x] = -1 // the memory now lives as long as the quantized tensor
		} else {
			free.give(out, s.node.Dtype())
		}
		if end, read := last[out]; read && !keep[s.node] {
			dying[end] = append(dying[end], out)
		}
		for _, a := range dying[i] {
			if last[a] == i {
				free.take(a)
			}
		}
	}
}

// lastReaders maps every array to the index of the last step that reads it.
func lastReaders(steps []step) map[*qops.Array]int {
	last := map[*qops.Array]int{}
	for i, s := range steps {
		for _, in := range s.call.In {
			last[in] = i
		}
	}
	return last
}

// overwritable returns the operand of a quantize step if this is its last reader.
func overwritable(s *step, i int, last map[*qops.Array]int, keep map[*gorgonia.Node]bool) *qops.Array {
	if _, ok := s.op.(*qops.Quantize); !ok {
		return nil
	}
	x := s.call.In[0]
	operand := operands(s.node)[0]
	if last[x] != i || operand.Op() == nil || keep[operand] {
		return nil
	}
	return x
}

// pool holds memory that no later step reads, by size.
type pool struct {
	f32 map[int][][]float32
	f64 map[int][][]float64
}

func (p *pool) give(a *qops.Array, dtype tensor.Dtype) {
	n := 1
	for _, s := range a.Shape {
		n *= s
	}
	if dtype == tensor.Float64 {
		if list := p.f64[n]; len(list) > 0 {
			a.F64, p.f64[n] = list[len(list)-1], list[:len(list)-1]
			return
		}
	} else if list := p.f32[n]; len(list) > 0 {
		a.F32, p.f32[n] = list[len(list)-1], list[:len(list)-1]
		return
	}
	b := qops.NewArray(dtype, a.Shape)
	a.F32, a.F64 = b.F32, b.F64
}

func (p *pool) take(a *qops.Array) {
	if p.f32 == nil {
		p.f32, p.f64 = map[int][][]float32{}, map[int][][]float64{}
	}
	if a.F64 != nil {
		p.f64[len(a.F64)] = append(p.f64[len(a.F64)], a.F64)
	} else {
		p.f32[len(a.F32)] = append(p.f32[len(a.F32)], a.F32)
	}
}
