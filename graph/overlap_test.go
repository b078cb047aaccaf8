package graph

import (
	"slices"
	"unsafe"

	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/qops"
)

// Overlaps looks for arrays of the plan that stand in each other's memory, in two ways that know nothing of how the plan
// was made:
//
//   - the steps are gone through in order, and every element of memory remembers which array's values it holds. A step must
//     find the values of its operands, and the kept nodes' must be there in the end. An op may write over an operand only
//     where its output replaces that operand element by element; a reshape holds its operand's values.
//   - where threads are at different steps at the same time, in a segment or a stage, what one thread's samples or chain
//     write no other one's may read or write.
//
// Both together hold for every order in which threads can run.
func (p *Program) Overlaps() error {
	if err := p.machine.overlaps(); err != nil {
		return err
	}
	return errors.Wrap(p.machine.of(Pass{Evaluation: true}).overlaps(), "in evaluation")
}

func (m *machine) overlaps() error {
	o := &overlaps{m, newAddresses(m), map[*qops.Array]*qops.Array{}}
	if err := o.inOrder(); err != nil {
		return err
	}
	for _, s := range m.segments {
		if len(s.runners) > 1 {
			if err := o.bySamples(s.first, s.end, s.samples); err != nil {
				return err
			}
		}
		if s.again && len(s.runners) > 1 {
			if err := o.untouched(s.first, s.end); err != nil {
				return err
			}
		}
	}
	for _, st := range m.stages {
		var err error
		if st.rows > 0 {
			if err = o.bySamples(st.from, st.to, st.rows); err == nil {
				err = o.untouched(st.from, st.to)
			}
		} else {
			err = o.byChains(st.chains)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type overlaps struct {
	machine *machine
	memory  *addresses
	codes   map[*qops.Array]*qops.Array // what codesOf returned
}

// codesOf stands for the memory of an array's codes, nil if it has none.
func (o *overlaps) codesOf(a *qops.Array) *qops.Array {
	if a.Bytes == nil {
		return nil
	}
	if o.codes[a] == nil {
		o.codes[a] = bytesAsArray(a)
	}
	return o.codes[a]
}

func bytesAsArray(a *qops.Array) *qops.Array {
	return &qops.Array{Shape: a.Shape, F32: unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(a.Bytes))), len(a.Bytes)/4)}
}

// withCodes are an array and its codes.
func (o *overlaps) withCodes(a *qops.Array) []*qops.Array {
	if codes := o.codesOf(a); codes != nil {
		return []*qops.Array{a, codes}
	}
	return []*qops.Array{a}
}

// reads are the arrays that a step reads for its operand, of which convolutions may read the codes alone.
func (o *overlaps) reads(s *step, k int) []*qops.Array {
	if _, ok := s.op.(*qops.Conv); ok {
		all := o.withCodes(s.call.In[k])
		if s.call.In[k].Fleeting {
			return all[1:]
		}
		return all
	}
	return s.call.In[k : k+1]
}

// addresses numbers the elements of all memory that arrays have.
type addresses struct{ spans []span }

// span is a stretch of memory, whose elements have the numbers from first on.
type span struct {
	from, to uintptr
	first    int
}

func bounds(a *qops.Array) (from, to uintptr) {
	from = max(uintptr(unsafe.Pointer(unsafe.SliceData(a.F32))), uintptr(unsafe.Pointer(unsafe.SliceData(a.F64))))
	return from, from + uintptr(4*len(a.F32)+8*len(a.F64))
}

func newAddresses(m *machine) *addresses {
	var all []span
	add := func(a *qops.Array) {
		if from, to := bounds(a); from != to {
			all = append(all, span{from: from, to: to})
		}
		if from, to := bounds(bytesAsArray(a)); from != to {
			all = append(all, span{from: from, to: to})
		}
	}
	for _, a := range m.arrays {
		add(a)
	}
	for i := range m.steps {
		add(m.steps[i].call.Out)
	}
	slices.SortFunc(all, func(a, b span) int { return int(int64(a.from) - int64(b.from)) })
	out := all[:1]
	for _, s := range all[1:] {
		if last := &out[len(out)-1]; s.from < last.to {
			last.to = max(last.to, s.to)
			continue
		}
		out = append(out, s)
	}
	for i := 1; i < len(out); i++ {
		out[i].first = out[i-1].first + int(out[i-1].to-out[i-1].from)/4
	}
	return &addresses{out}
}

func (a *addresses) count() int {
	last := a.spans[len(a.spans)-1]
	return last.first + int(last.to-last.from)/4
}

// of returns the numbers of a part of an array's memory, of 4 bytes each: the part of a sample, or all if samples is 0.
func (a *addresses) of(array *qops.Array, sample, samples int) (from, to int) {
	start, end := bounds(array)
	i, found := slices.BinarySearchFunc(a.spans, start, func(s span, at uintptr) int { return int(int64(s.from) - int64(at)) })
	if !found {
		i--
	}
	from = a.spans[i].first + int(start-a.spans[i].from)/4
	to = from + int(end-start)/4
	if samples > 0 {
		n := (to - from) / samples
		from, to = from+sample*n, from+(sample+1)*n
	}
	return from, to
}

// value is what an element of memory holds: that element of an array.
type value struct {
	of *qops.Array
	at int
}

func (o *overlaps) inOrder() error {
	m := o.machine
	holds := make([]value, o.memory.count())
	fill := func(a *qops.Array) {
		from, to := o.memory.of(a, 0, 0)
		for i := from; i < to; i++ {
			holds[i] = value{a, i - from}
		}
	}
	source := map[*qops.Array]*qops.Array{} // whose values an array holds
	check := func(a *qops.Array, s *step) error {
		from, to := o.memory.of(a, 0, 0)
		for i := from; i < to; i++ {
			if holds[i] != (value{source[a], i - from}) {
				return errors.Errorf("step %s finds something else in the memory of its operand of shape %v", s.op, a.Shape)
			}
		}
		return nil
	}
	made := map[*qops.Array]bool{}
	relayed := map[*qops.Array]*qops.Array{} // what was moved from one layout to the other
	for i := range m.steps {
		c := &m.steps[i].call
		made[c.Out], source[c.Out] = true, c.Out
		if m.steps[i].relays() {
			relayed[c.Out] = c.In[0]
		}
	}
	kept := m.program.kept()
	for n, a := range m.arrays {
		if source[a] = a; n.Op() == nil || kept[n] && !made[a] { // evaluation leaves the gradients
			fill(a)
		}
	}
	for i := range m.steps {
		s := &m.steps[i]
		out, outEnd := o.memory.of(s.call.Out, 0, 0)
		for k, a := range s.call.In {
			if s.stored {
				continue // nothing of it is read
			}
			if !s.relays() && len(s.call.In) == len(operands(s.node)) { // else it computes an operand again
				if n := operands(s.node)[k]; a != m.arrays[n] && relayed[a] != m.arrays[n] {
					return errors.Errorf("step %s does not read %s", s.op, n)
				}
			}
			for _, read := range o.reads(s, k) {
				if err := check(read, s); err != nil {
					return err
				}
			}
			if a.Fleeting {
				continue // nothing of its values is read
			}
			from, to := o.memory.of(a, 0, 0)
			if overlap := max(from, out) < min(to, outEnd); overlap && (from != out || to != outEnd || !qops.InPlace(s.op, &s.call, k)) {
				return errors.Errorf("step %s writes over its operand %d", s.op, k)
			}
			if _, ok := s.op.(*qops.Reshape); ok && from == out {
				source[s.call.Out] = source[a]
			}
		}
		if source[s.call.Out] == s.call.Out {
			fill(s.call.Out)
		}
		if codes := o.codesOf(s.call.Out); codes != nil {
			source[codes] = codes
			fill(codes)
		}
	}
	for n := range kept {
		if err := check(m.arrays[n], &m.steps[len(m.steps)-1]); err != nil {
			return err
		}
	}
	return nil
}

// exclusive holds for every element of memory which of a number of users that run at the same time wrote or read it.
type exclusive struct{ writer, reader []int32 }

const (
	nobody  = -1
	several = -2
)

func newExclusive(n int) *exclusive {
	return &exclusive{slices.Repeat([]int32{nobody}, n), slices.Repeat([]int32{nobody}, n)}
}

func (e *exclusive) write(from, to, user int) error {
	for i := from; i < to; i++ {
		if e.writer[i] != nobody && e.writer[i] != int32(user) || e.reader[i] != nobody && e.reader[i] != int32(user) {
			return errors.Errorf("element %d is used by others than %d", i, user)
		}
		e.writer[i] = int32(user)
	}
	return nil
}

func (e *exclusive) read(from, to, user int) error {
	for i := from; i < to; i++ {
		if e.writer[i] != nobody && e.writer[i] != int32(user) {
			return errors.Errorf("element %d is written by others than %d", i, user)
		}
		if e.reader[i] == nobody {
			e.reader[i] = int32(user)
		} else if e.reader[i] != int32(user) {
			e.reader[i] = several
		}
	}
	return nil
}

// bySamples checks steps that different samples may be in at the same time. The outputs of reductions are written when all
// samples are through.
func (o *overlaps) bySamples(first, end, samples int) error {
	e := newExclusive(o.memory.count())
	for i := first; i < end; i++ {
		s := &o.machine.steps[i]
		byRow := rowOperands(s)
		if runner, ok := qops.BySamples(s.op); ok {
			byRow, _ = runner.BySample(&s.call)
		}
		reduces := qops.Reduces(s.op)
		for sample := range samples {
			for k := range s.call.In {
				parts := samples
				if !byRow[k] {
					parts = 0
				}
				for _, in := range o.reads(s, k) {
					from, to := o.memory.of(in, sample, parts)
					if err := e.read(from, to, sample); err != nil {
						return errors.Wrapf(err, "step %d, %s reads", i, s.op)
					}
				}
			}
			from, to := o.memory.of(s.call.Out, sample, samples)
			if reduces {
				from, to = o.memory.of(s.call.Out, 0, 0)
			}
			if _, isReshape := s.op.(*qops.Reshape); reduces && sample > 0 || isReshape {
				continue // nothing is written, or by one only
			}
			if err := e.write(from, to, sample); err != nil {
				return errors.Wrapf(err, "step %d, %s writes", i, s.op)
			}
			if codes := o.codesOf(s.call.Out); codes != nil {
				from, to := o.memory.of(codes, sample, samples)
				if err := e.write(from, to, sample); err != nil {
					return errors.Wrapf(err, "step %d, %s writes codes", i, s.op)
				}
			}
		}
	}
	return nil
}

// untouched checks that a stage of rows, or a segment, leaves what it was given, since it may have to run again.
func (o *overlaps) untouched(first, end int) error {
	made := map[*qops.Array]bool{}
	e := newExclusive(o.memory.count())
	for i := first; i < end; i++ {
		c := &o.machine.steps[i].call
		for k, in := range c.In {
			for _, read := range o.reads(&o.machine.steps[i], k) {
				if from, to := o.memory.of(read, 0, 0); !made[in] {
					_ = e.read(from, to, 0)
				}
			}
		}
		made[c.Out] = true
	}
	for i := first; i < end; i++ {
		for _, written := range o.withCodes(o.machine.steps[i].call.Out) {
			from, to := o.memory.of(written, 0, 0)
			if err := e.write(from, to, 1); err != nil {
				return errors.Wrapf(err, "step %d writes over what its stage or segment was given", i)
			}
		}
	}
	return nil
}

func (o *overlaps) byChains(chains []chain) error {
	e := newExclusive(o.memory.count())
	for user, c := range chains {
		for i := c.from; i < c.to; i++ {
			s := &o.machine.steps[i]
			for _, in := range s.call.In {
				from, to := o.memory.of(in, 0, 0)
				if err := e.read(from, to, user); err != nil {
					return errors.Wrapf(err, "step %d, %s reads", i, s.op)
				}
			}
			from, to := o.memory.of(s.call.Out, 0, 0)
			if err := e.write(from, to, user); err != nil {
				return errors.Wrapf(err, "step %d, %s writes", i, s.op)
			}
		}
	}
	return nil
}

// Misplace gives the output of a step the memory of another one's.
func (p *Program) Misplace(step, as int) {
	m := p.machine
	m.steps[step].call.Out.F32 = m.steps[as].call.Out.F32
}

// SameSize finds a step and a later one whose outputs have memory of the same size, but not the same, where the first is
// read behind the second.
func (p *Program) SameSize() (first, second int) {
	m := p.machine
	last := lastReaders(m.steps)
	for i := range m.steps {
		for j := i + 1; j < len(m.steps); j++ {
			a, b := m.steps[i].call.Out, m.steps[j].call.Out
			if len(a.F32) == len(b.F32) && !shareMemory(a, b) && last[a] > j {
				return i, j
			}
		}
	}
	return -1, -1
}
