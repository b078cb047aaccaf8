package graph

import (
	"maps"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/qops"
)

// planMemory gives every step's output memory of a pool before the first run. Memory is reused once its last reader has run,
// in a stretch for the same samples; an elementwise op writes over an operand where nothing reads that later, and a reshape
// shares the memory of its operand. Kept nodes have memory of their own, if they have none already.
//
// Memory goes to arrays of the same size only. So steps of a segment, where the threads are at different steps, meet in
// memory only where all cut it into the same samples. Packing arrays of all sizes into one piece would save ResNet-14 no
// more than a tenth.
func planMemory(steps []step, stretches []stretch, keep map[*gorgonia.Node]bool, free *pool) {
	last := lastReaders(steps)
	prolong(steps, stretches, last)
	owner, ends := sharing(steps, last, keep), maps.Clone(last) // codes die with their readers, whoever writes over the values
	dying, dyingBytes := map[int][]*qops.Array{}, map[int][]*qops.Array{}
	for i := range steps {
		s := &steps[i]
		out := s.call.Out
		if out.Size() > 0 {
			// It keeps its place.
		} else if x := owner[out]; x != nil {
			out.F32, out.F64 = x.F32, x.F64
		} else {
			if out.Fleeting {
				last[out] = i
			}
			if x := overwritable(s, i, last, keep); x != nil {
				out.F32, out.F64 = x.F32, x.F64
				if owner[x] != nil {
					x = owner[x]
				}
				last[x] = -1 // the memory now lives as long as the output
			} else {
				free.give(out, s.node.Dtype())
			}
			if end, read := last[out]; read && !keep[s.node] {
				dying[end] = append(dying[end], out)
			}
		}
		if out.Coded && out.Bytes == nil {
			free.giveBytes(out)
			if end, read := ends[out]; read {
				dyingBytes[end] = append(dyingBytes[end], out)
			}
		}
		for _, a := range dying[i] {
			if last[a] == i {
				free.take(a)
			}
		}
		for _, a := range dyingBytes[i] {
			free.takeBytes(a)
		}
	}
}

// sharing maps the outputs of reshapes to the arrays whose memory they share, and lets all of these live as long as the
// last of them. The operand of a reshape that a step has made is such an array, or shares one's memory.
func sharing(steps []step, last map[*qops.Array]int, keep map[*gorgonia.Node]bool) map[*qops.Array]*qops.Array {
	owner := map[*qops.Array]*qops.Array{}
	for i := range steps {
		s := &steps[i]
		if _, ok := s.op.(*qops.Reshape); !ok {
			continue
		}
		operand := operands(s.node)[0]
		if operand.Op() == nil {
			continue
		}
		out, x := s.call.Out, s.call.In[0]
		if owner[x] != nil {
			x = owner[x]
		}
		owner[out] = x
		last[x] = max(last[x], last[out])
		if keep[s.node] || keep[operand] {
			last[x] = len(steps)
		}
	}
	for out, x := range owner {
		last[out] = last[x]
	}
	return owner
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

// overwritable returns an operand that a step may write its output over and that it is the last to read, if there is one.
func overwritable(s *step, i int, last map[*qops.Array]int, keep map[*gorgonia.Node]bool) *qops.Array {
	if s.relays() {
		return nil
	}
	for k, operand := range operands(s.node) {
		x := s.call.In[k]
		if last[x] == i && operand.Op() != nil && !keep[operand] && qops.InPlace(s.op, &s.call, k) {
			return x
		}
	}
	return nil
}

// pool holds memory that no later step reads, by size, and makes what it has not.
type pool struct {
	// made is the number of bytes that were made. With dry, no memory is: arrays get slices without elements.
	made int64
	dry  bool
	f32  map[int][][]float32
	f64  map[int][][]float64
	int8 map[int][][]int8
}

// giveBytes gives an array room for its codes.
func (p *pool) giveBytes(a *qops.Array) {
	n := elements(a.Shape)
	if list := p.int8[n]; len(list) > 0 {
		a.Bytes, p.int8[n] = list[len(list)-1], list[:len(list)-1]
		return
	}
	p.made += int64(n)
	if p.dry {
		n = 0
	}
	a.Bytes = make([]int8, n)
}

func (p *pool) give(a *qops.Array, dtype tensor.Dtype) {
	n := elements(a.Shape)
	if dtype == tensor.Float64 {
		if list := p.f64[n]; len(list) > 0 {
			a.F64, p.f64[n] = list[len(list)-1], list[:len(list)-1]
			return
		}
	} else if list := p.f32[n]; len(list) > 0 {
		a.F32, p.f32[n] = list[len(list)-1], list[:len(list)-1]
		return
	}
	p.make(a, dtype)
}

// make gives an array memory of its own.
func (p *pool) make(a *qops.Array, dtype tensor.Dtype) {
	shape := a.Shape
	p.made += int64(elements(shape)) * int64(dtype.Size())
	if p.dry {
		shape = []int{0}
	}
	b := qops.NewArray(dtype, shape)
	a.F32, a.F64 = b.F32, b.F64
}

func elements(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

func (p *pool) take(a *qops.Array) {
	p.lists()
	n := elements(a.Shape)
	if a.F64 != nil {
		p.f64[n] = append(p.f64[n], a.F64)
	} else {
		p.f32[n] = append(p.f32[n], a.F32)
	}
}

// takeBytes takes the room for an array's codes back.
func (p *pool) takeBytes(a *qops.Array) {
	p.lists()
	n := elements(a.Shape)
	p.int8[n] = append(p.int8[n], a.Bytes)
}

func (p *pool) lists() {
	if p.f32 == nil {
		p.f32, p.f64, p.int8 = map[int][][]float32{}, map[int][][]float64{}, map[int][][]int8{}
	}
}
