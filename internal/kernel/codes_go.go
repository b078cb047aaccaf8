package kernel

import "unsafe"

// code16KernelsGo are the plain kernels. Codes of 8 bits have none: sums over these are taken in float without the
// instructions for them.
var code16KernelsGo = codeKernels{8, []codeKernel{{2, func(t *codeTileArgs) { code16TileGo(t, 2) }}, {1, func(t *codeTileArgs) { code16TileGo(t, 1) }}}}

// code16TileGo is the plain kernel for tiles of so many rows by 8 columns.
func code16TileGo(t *codeTileArgs, rows int) {
	const lanes = 8
	right := unsafe.Slice((*[2]int16)(t.right), lanes*t.terms)
	columns := unsafe.Slice((*float32)(t.columnScales), lanes)
	for row := range t.count * rows {
		scale := *(*float32)(unsafe.Add(t.rowScales, 4*row))
		out := unsafe.Slice((*float32)(unsafe.Add(t.output, row*t.pitch)), lanes)
		var sums [lanes]int32
		for l := range t.terms {
			a := (*[2]int16)(unsafe.Add(t.left, row*t.leftPitch+l*t.leftStep))
			a0, a1 := int32(a[0]), int32(a[1])
			for c, b := range (*[lanes][2]int16)(right[l*lanes:]) {
				sums[c] += a0*int32(b[0]) + a1*int32(b[1])
			}
		}
		for c, sum := range sums {
			if t.sums != 0 {
				*(*int32)(unsafe.Pointer(&out[c])) = sum
			} else {
				out[c] = float32(sum) * float32(scale*columns[c])
			}
		}
	}
}

// packCode returns the code of a value in the lowest bits, as kernels do, and whether it is one. Values are whole.
func packCode(value, rowScale, columnScale float32, bits int) (code uint32, ok bool) {
	v := value * rowScale * columnScale
	half := float32(int32(1) << (bits - 1))
	if !(v >= -half && v < half) {
		return 0, false
	}
	return uint32(int32(v) + int32(half)), true
}

func codeStraightGo(p *codePackArgs, bits int) {
	columns := 16*p.vectors + p.rest
	scales := unsafe.Slice((*float32)(p.columnScales), columns)
	p.wrong = 0
	for row := range p.rows {
		scale := *(*float32)(unsafe.Add(p.rowScales, 4*row))
		src := unsafe.Slice((*float32)(unsafe.Add(p.src[0], row*p.srcPitch)), columns)
		dst := unsafe.Add(p.dst, row*p.dstPitch)
		for j, v := range src {
			code, ok := packCode(v, scale, scales[j], bits)
			if !ok {
				p.wrong = 1
			}
			code ^= uint32(p.flip)
			if bits == 8 {
				*(*uint8)(unsafe.Add(dst, j)) = uint8(code)
			} else {
				*(*uint16)(unsafe.Add(dst, 2*j)) = uint16(code)
			}
		}
	}
}

func codeInterleaveGo(p *codePackArgs, bits int) {
	columns, together := 16*p.vectors+p.rest, 32/bits
	scales := unsafe.Slice((*float32)(p.columnScales), columns)
	p.wrong = 0
	for row := range p.rows {
		dst := unsafe.Slice((*uint32)(unsafe.Add(p.dst, row*p.dstPitch)), columns)
		clear(dst)
		for i := range together {
			scale := *(*float32)(unsafe.Add(p.rowScales, 4*(row*together+i)))
			for j, v := range unsafe.Slice((*float32)(unsafe.Add(p.src[i], row*p.srcPitch)), columns) {
				code, ok := packCode(v, scale, scales[j], bits)
				if !ok {
					p.wrong = 1
				}
				dst[j] |= code << (i * bits)
			}
		}
		for j := range dst {
			dst[j] ^= uint32(p.flip)
		}
	}
}
