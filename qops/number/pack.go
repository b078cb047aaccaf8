package number

import (
	"bytes"
	"io"
	"math"

	"github.com/pkg/errors"
)

// Packed storage holds a tensor in as many bits as its format says (BitsPerElement, BitsPerBlock), without gaps. It is a
// stream of bits, in each byte from the lowest to the highest: the codes of all elements in row-major order, then for
// each block its scale, its zero point if the format has zero points, and its points if it has points. A number of n
// bits comes with its lowest bit first; the last byte is filled with zeros. So codes of 8 bits are bytes, and codes of 16
// bits, and float32 scales behind them, are little-endian.

// blockPacker is a kind that stores the step of a block otherwise than as a float32.
type blockPacker interface {
	// packStep returns the bits of a block's step, if it is one of the format's.
	packStep(f Format, step float64) (bits uint32, ok bool)
	// unpackStep returns the step, if the bits are one.
	unpackStep(f Format, bits uint32) (step float64, ok bool)
}

// blockBitsOf splits BitsPerBlock into the bits of the step, of the zero point, and the number of points.
func (f Format) blockBitsOf() (step, zero, points int) {
	step = f.BitsPerBlock()
	if f.zeroAuto {
		zero = int(f.width)
	}
	if l, ok := f.spec().(liner); ok && !f.hidesPoints() {
		points = l.points(f)
	}
	return step - zero - 32*points, zero, points
}

// hidesPoints reports whether points are not stored: those who follow other programs keep a block's largest magnitude
// as one, which only rounding reads.
func (f Format) hidesPoints() bool {
	h, ok := f.spec().(pointsHidden)
	return f.compat != noCompat || ok && h.hidesPoints()
}

// PackedSize returns the number of bytes that a tensor takes in packed storage, or -1 if that is no int, or depends on
// the elements (sparse).
func (f Format) PackedSize(elements, blocks int) int {
	if f.packsNonzeros() {
		return -1
	}
	code, block := f.BitsPerElement(), f.BitsPerBlock()
	if elements < 0 || blocks < 0 || elements > (math.MaxInt-7)/2/max(code, 1) || blocks > (math.MaxInt-7)/2/max(block, 1) {
		return -1
	}
	return (elements*code + blocks*block + 7) / 8
}

// Pack returns codes and scales that Encode gave in packed storage, which Unpack reads back. Scales that the format does
// not have room for are an error: those of blocks are float32 numbers where the format does not say otherwise.
func Pack(f Format, codes []int32, scales *Scales) ([]byte, error) {
	if f.packsNonzeros() {
		return packNonzeros(f, codes)
	}
	var out bytes.Buffer
	p, err := NewPacker(&out, f)
	if err != nil {
		return nil, err
	}
	if err := p.Codes(codes); err != nil {
		return nil, err
	}
	if f.BitsPerBlock() > 0 {
		if err := p.Blocks(scales); err != nil {
			return nil, err
		}
	}
	if err := p.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Packer writes packed storage in pieces: all codes, then all blocks.
type Packer struct {
	format  Format
	bits    bitWriter
	element int // index of the next one
	block   int
}

// NewPacker returns a packer for a format with codes.
func NewPacker(w io.Writer, f Format) (*Packer, error) {
	if err := f.checkCodes(); err != nil {
		return nil, err
	}
	if f.packsNonzeros() {
		return nil, errors.Errorf("number: the size of %v in packed storage depends on all elements: use Pack", f)
	}
	return &Packer{format: f, bits: bitWriter{writer: w}}, nil
}

// Codes writes the next codes. They must come before blocks.
func (p *Packer) Codes(codes []int32) error {
	lo, hi := p.format.CodeRange()
	width := uint(p.format.width)
	mask := uint32(1<<width - 1)
	for i, code := range codes {
		if wide := p.format.widen(code); wide < lo || wide > hi {
			return p.format.badCode(code, p.element+i)
		}
		if err := p.bits.put(uint32(code)&mask, width); err != nil {
			return err
		}
	}
	p.element += len(codes)
	return nil
}

// Blocks writes the scales of the next blocks.
func (p *Packer) Blocks(s *Scales) error {
	f := p.format
	stepBits, zeroBits, points := f.blockBitsOf()
	if s == nil || stepBits > 0 && zeroBits > 0 && s.Zero == nil || len(s.Points) < points*len(s.Step) {
		return errors.Errorf("number: the scales of %v are missing or incomplete", f)
	}
	for b, step := range s.Step {
		if stepBits > 0 {
			bits, ok := f.packStep(step)
			if !ok {
				return errors.Errorf("number: step %v of block %d has no place in the %d bits that %v has for it", step, p.block+b, stepBits, f)
			}
			if err := p.bits.put(bits, uint(stepBits)); err != nil {
				return err
			}
		}
		if zeroBits > 0 {
			if err := p.bits.put(uint32(s.Zero[b])&(1<<zeroBits-1), uint(zeroBits)); err != nil {
				return err
			}
		}
		for _, x := range s.Points[b*points:][:points] {
			if float64(float32(x)) != x {
				return errors.Errorf("number: point %v of block %d is no float32 number, as which %v stores it", x, p.block+b, f)
			}
			if err := p.bits.put(math.Float32bits(float32(x)), 32); err != nil {
				return err
			}
		}
	}
	p.block += len(s.Step)
	return nil
}

// Close writes the last bits. It does not close what is written to.
func (p *Packer) Close() error { return p.bits.flush() }

// packStep returns the bits of a block's step: a float32 where the kind does not say otherwise.
func (f Format) packStep(step float64) (bits uint32, ok bool) {
	if kind, ok := f.spec().(blockPacker); ok {
		return kind.packStep(f, step)
	}
	return math.Float32bits(float32(step)), float64(float32(step)) == step
}

func (f Format) unpackStep(bits uint32) (step float64, ok bool) {
	if kind, ok := f.spec().(blockPacker); ok {
		return kind.unpackStep(f, bits)
	}
	return float64(math.Float32frombits(bits)), true
}

// Unpack reads packed storage of a tensor of the shape, for which the axis is that of Options.ChannelAxis. Data of
// another length than the format and the shape have, bits behind the end, and scales that are none are errors. A code
// that is none of the format's, Decode refuses.
func Unpack(f Format, data []byte, shape []int, axis int) (codes []int32, scales *Scales, err error) {
	if err := f.checkCodes(); err != nil {
		return nil, nil, err
	}
	elements, err := elementCount(shape)
	if err != nil {
		return nil, nil, err
	}
	blocks, err := f.Blocks(shape, axis)
	if err != nil {
		return nil, nil, err
	}
	if f.packsNonzeros() {
		scales = &Scales{}
		scales.fill(blocks, f.fixedStep())
		codes, err := unpackNonzeros(f, data, elements)
		return codes, scales, err
	}
	if want := f.PackedSize(elements, blocks.Count); len(data) != want {
		return nil, nil, errors.Errorf("number: %d bytes, where %v packs the shape %v into %d", len(data), f, shape, want)
	}
	in := bitReader{data: data}
	codes = make([]int32, elements)
	lo, _ := f.CodeRange()
	unused := 32 - uint(f.width)
	for i := range codes {
		bits := in.get(uint(f.width))
		if lo < 0 {
			codes[i] = int32(bits<<unused) >> unused // the sign
		} else {
			codes[i] = int32(bits)
		}
	}
	scales = &Scales{}
	if err := f.unpackBlocks(&in, blocks, scales); err != nil {
		return nil, nil, err
	}
	if in.rest() != 0 {
		return nil, nil, errors.Errorf("number: the last byte has bits behind the end of %v", f)
	}
	return codes, scales, nil
}

// unpackBlocks reads the scales of all blocks.
func (f Format) unpackBlocks(in *bitReader, blocks Blocks, scales *Scales) error {
	stepBits, zeroBits, points := f.blockBitsOf()
	scales.fill(blocks, f.fixedStep())
	if f.zeroAuto {
		scales.Zero = make([]int32, blocks.Count)
	}
	lo, _ := f.CodeRange()
	for b := range blocks.Count {
		if stepBits > 0 {
			bits := in.get(uint(stepBits))
			step, ok := f.unpackStep(bits)
			if !ok {
				return errors.Errorf("number: the bits %x of block %d are no scale of %v", bits, b, f)
			}
			scales.Step[b] = step
		}
		if zeroBits > 0 {
			bits, unused := in.get(uint(zeroBits)), 32-uint(zeroBits)
			scales.Zero[b] = int32(bits)
			if lo < 0 {
				scales.Zero[b] = int32(bits<<unused) >> unused
			}
		}
		for range points {
			scales.Points = append(scales.Points, float64(math.Float32frombits(in.get(32))))
		}
		if l, ok := f.spec().(liner); ok && f.hidesPoints() && l.points(f) > 0 { // nothing but rounding reads them
			scales.Points = append(scales.Points, scales.Step[b])
		}
	}
	return scales.check(f, blocks)
}
