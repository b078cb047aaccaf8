package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// stridedTiles writes rounding of blocks whose elements lie a stride apart, so that each lane of a vector has a block of
// its own; see stridedArgs and stridedRun.kernel.
func stridedTiles(a *assembly) {
	for _, s := range []simd{avx512, avx2} {
		for _, linear := range []bool{false, true} {
			for _, random := range []bool{false, true} {
				for _, size := range []int{4, 1, 2} {
					strided(a, minifloatVariant{set: s, random: random, size: size}, linear)
				}
			}
		}
	}
}

func strided(a *assembly, v minifloatVariant, linear bool) {
	t := newTilesKernel(a, "strided", v, linear)
	t.exponents = t.args.load("exponents")
	bias := rare{field: a.word(exponentBias)}
	if !t.wide {
		bias.all = t.number(exponentBias, t.spare)
	}

	// The first elements of the blocks at hand; src, dst and bits move from row to row.
	type column struct {
		first, place reg.GPVirtual
		pitch        string
		size         int
	}
	columns := []*column{{pitch: "srcPitch", size: 4}, {pitch: "dstPitch", size: v.size}}
	columns[0].first, t.src = t.src, a.GP64()
	columns[0].place = t.src
	columns[1].first, t.dst = t.dst, a.GP64()
	columns[1].place = t.dst
	if v.random {
		bits := &column{first: t.bits, place: a.GP64(), pitch: "bitsPitch", size: 2}
		t.bits = bits.place
		columns = append(columns, bits)
	}
	row := a.GP64()
	rows := func(label string, columns []*column, body func()) {
		a.MOVQ(t.args.field("rows"), row)
		for _, c := range columns {
			a.MOVQ(c.first, c.place)
		}
		a.label(label)
		body()
		for _, c := range columns {
			a.ADDQ(t.args.field(c.pitch), c.place)
		}
		a.DECQ(row)
		a.JNE(a.at(label))
	}

	a.label("next")
	t.xor(t.k, t.k, t.k)
	rows("largest", columns[:1], func() {
		t.magnitudeAt(0, t.spare)
		a.VPMAXUD(t.spare, t.k, t.k)
	})
	t.outside(t.k, t.first, t.span, t.zero, t.spare, t.condition)
	t.jumpIfAny(t.condition, a.at("end"))
	t.findExponents()
	t.subtractRare(bias, t.code, t.code)
	t.words(t.code, t.spare, operand.Mem{Base: t.exponents})
	t.move(t.k, t.scaleHere())
	t.scale()
	rows("elements", columns, t.elements)
	for _, c := range columns {
		a.ADDQ(operand.Imm(uint64(t.lanes.lanes*c.size)), c.first)
	}
	a.ADDQ(operand.Imm(uint64(t.lanes.lanes*2)), t.exponents)
	a.SUBQ(operand.Imm(uint64(t.lanes.lanes)), t.n)
	a.JNE(a.at("next"))
	t.end()
}
