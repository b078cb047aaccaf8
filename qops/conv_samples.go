package qops

import (
	"math"
	"sync"

	"github.com/halftone-go/halftone/internal/kernel"
)

var _ SampleRunner = (*Conv)(nil)

// sampledConv is a convolution's run by samples.
type sampledConv struct {
	sums  sampleSums
	int8  bool // samples are computed over codes of 8 bits where they have them
	codes kernel.PackedConvInt8
	int16 bool // likewise of 16 bits
	pairs kernel.PackedConvInt16

	packing sync.Once // of a run
	packed  kernel.PackedConv

	blocks     kernel.PackedConvBlocked
	codeBlocks kernel.PackedConvInt8Blocked
	gradient   sampledGradient
}

// BySample implements SampleRunner.
func (o *Conv) BySample(c *Call) ([]bool, bool) {
	if o.what == convBackwardWeight {
		return []bool{true, true}, o.sumsBySample(c)
	}
	return []bool{true, false}, c.Interior == nil
}

// BeginSamples implements SampleRunner: it packs the weight. It returns ErrWhole where formats make samples decide
// together.
func (o *Conv) BeginSamples(c *Call) error {
	if o.what == convBackwardWeight {
		o.beginGradient(c)
		return nil
	}
	s := &o.sampled
	var err error
	if s.sums, err = o.product().decideBySample(c); err != nil {
		return err
	}
	s.packing = sync.Once{}
	s.int8 = o.packInt8(c)
	s.int16 = !s.int8 && !o.onBlocks(c) && o.packInt16(c)
	if s.int8 {
		o.ran(Int8)
		return nil
	}
	if s.int16 {
		o.ran(Int16)
		return nil
	}
	o.ran(Certificate{Sum: s.sums.sum}.arithmetic())
	o.pack(c)
	return nil
}

// packInt8 packs the weight's codes, if samples may be summed over them.
func (o *Conv) packInt8(c *Call) bool {
	s := &o.sampled
	if !s.sums.exact || s.sums.sum == kernel.Blockwise || c.Out.F32 == nil || !hasInt8Codes(c.In[0].Grid.Format) {
		return false
	}
	exponents, ok := int8Exponents(c.In[1], &c.room().codes[1])
	if !ok {
		return false
	}
	switch {
	case o.onBlocks(c) && o.what == convForward:
		return s.codeBlocks.PackForward(o.Kernel, c.In[1].F32, exponents, c.Threads)
	case o.onBlocks(c):
		return s.codeBlocks.PackBackwardData(o.Kernel, c.In[1].F32, exponents, c.Threads)
	case o.what == convForward:
		return s.codes.PackForward(o.Kernel, c.In[1].F32, exponents, c.Threads)
	}
	return s.codes.PackBackwardData(o.Kernel, c.In[1].F32, exponents, c.Threads)
}

// pack packs the weight, once in a run.
func (o *Conv) pack(c *Call) {
	s := &o.sampled
	s.packing.Do(func() {
		switch {
		case o.onBlocks(c) && s.sums.sum == kernel.Sequence:
			o.packBlocks(c)
			return
		case o.onBlocks(c):
			o.packPlanes(c)
			return
		}
		_ = byType(c, func(c *Call) { packConv(o, c.In[1].F32) }, func(c *Call) { packConv(o, c.In[1].F64) })
	})
}

func packConv[T Float](o *Conv, w []T) {
	if o.what == convForward {
		kernel.PackConvForward(&o.sampled.packed, o.Kernel, w, o.sampled.sums.sum)
	} else {
		kernel.PackConvBackwardData(&o.sampled.packed, o.Kernel, w, o.sampled.sums.sum)
	}
}

// RunSamples implements SampleRunner. It returns ErrWhole where a sample's exponent asks for another sum than the formats
// let BeginSamples expect.
func (o *Conv) RunSamples(c *Call, _ *View, lo, hi int) error {
	s := &o.sampled
	if o.what == convBackwardWeight {
		return o.runGradient(c, lo, hi)
	}
	if s.sums.exact {
		for n := lo; n < hi; n++ {
			exponent, within := s.sums.exponent(c.In[0], n)
			if !within && s.sums.sum != kernel.Sequence {
				return ErrWhole
			}
			if within && s.int8 && o.runCodes(c, n, exponent) {
				continue
			}
			if within && s.int16 && s.pairs.Run(c.Out.F32, c.In[0].F32, n, exponent) {
				continue
			}
			o.runSamples(c, n, n+1)
		}
		return nil
	}
	if s.sums.sum != kernel.Sequence {
		for n := lo; n < hi; n++ {
			if _, within := s.sums.exponent(c.In[0], n); !within {
				return ErrWhole
			}
		}
	}
	o.runSamples(c, lo, hi)
	return nil
}

// runCodes computes a sample over its codes of 8 bits. It reports whether it did.
func (o *Conv) runCodes(c *Call, n, exponent int) bool {
	s, x := &o.sampled, c.In[0]
	switch {
	case !o.onBlocks(c):
		return s.codes.Run(c.Out.F32, x.F32, n, exponent)
	case x.hasBytes():
		return s.codeBlocks.Run(c.Out.F32, x.Bytes, n, exponent)
	}
	return s.codeBlocks.RunValues(c.Out.F32, x.F32, n, exponent)
}

func (o *Conv) runSamples(c *Call, lo, hi int) {
	o.pack(c)
	if o.onBlocks(c) {
		o.runBlocksOfSamples(c, lo, hi)
		return
	}
	_ = byType(c,
		func(c *Call) { kernel.RunPackedConv(&o.sampled.packed, c.Out.F32, c.In[0].F32, lo, hi) },
		func(c *Call) { kernel.RunPackedConv(&o.sampled.packed, c.Out.F64, c.In[0].F64, lo, hi) })
}

// EndSamples implements SampleRunner.
func (o *Conv) EndSamples(c *Call) error {
	if o.what == convBackwardWeight {
		return o.endGradient(c)
	}
	return nil
}

// sampleSums is how a product's sums are taken of samples of its first operand that are not there yet.
type sampleSums struct {
	sum   kernel.Sum
	exact bool
	// lowest and highest bound the exponents of the samples' steps for which the sum is this one. It is Sequence for all
	// samples if one lies beyond them.
	lowest, highest int
}

// decideBySample is decide before the first operand's samples are there, of which only the format and the blocks are
// known. It returns ErrWhole where these make samples decide together.
func (p product) decideBySample(c *Call) (sampleSums, error) {
	a, b := c.In[0], c.In[1]
	if c.FloatSum || a.Grid == nil || b.Grid == nil {
		return sampleSums{}, nil
	}
	blocks, wide := a.Grid.Scales.Blocks, a.F64 != nil
	vs, fs, terms := p.factors([2]Operand{{a.Grid.Format, blocks, a.Shape}, {b.Grid.Format, b.Grid.Scales.Blocks, b.Shape}})
	if scaled(fs[0].Format) || scaled(fs[1].Format) || vs[0] != constant {
		return sampleSums{}, ErrWhole
	}
	steps := &c.room().steps[1]
	if !steps.set(b) {
		return sampleSums{}, nil
	}
	lowest, highest, _ := steps.extremes()
	e := Exponents{}
	if vs[1] != constant {
		e.Spread = highest - lowest
	}
	certificate := Certify(fs[0], fs[1], terms, e, wide)
	s := sampleSums{sum: certificate.Sum, exact: certificate.Exact, lowest: math.MinInt, highest: math.MaxInt}
	if !wide {
		_, mostA, _ := fs[0].Format.Lattice()
		_, mostB, _ := fs[1].Format.Lattice()
		s.lowest = smallestExponent - lowest
		s.highest = largestExponent - bits(float64(terms.Count)*mostA*mostB) - highest - 1
	}
	return s, nil
}

// exponent is that of the steps of a sample, any for one of zeros, and whether it lies within the bounds.
func (s *sampleSums) exponent(x *Array, sample int) (exponent int, within bool) {
	f, scales := x.Grid.Format, &x.Grid.Scales
	if scales.Blocks.Count == 1 {
		sample = 0
	}
	step := scales.Step[sample]
	if fraction, e := math.Frexp(step); fraction != 0.5 {
		return 0, false
	} else {
		exponent = e - 1 + unitExponent(f)
	}
	if step <= lowestStep(f) && x.isZero(sample) {
		return 0, true
	}
	return exponent, exponent >= s.lowest && exponent <= s.highest && f.OnLattice(step)
}
