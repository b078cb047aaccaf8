package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
)

// constant puts a table into the file, once for each name, and returns its place.
func (a *assembly) constant(name string, values ...operand.Constant) operand.Mem {
	if place, there := a.constants[name]; there {
		return place
	}
	place := a.StaticGlobal(name)
	a.DataAttributes(attr.RODATA | attr.NOPTR)
	for _, v := range values {
		a.AppendDatum(v)
	}
	a.constants[name] = place
	return place
}

// word is the place of a double word.
func (a *assembly) word(value uint32) operand.Mem {
	return a.constant(fmt.Sprintf("word%08x", value), operand.U32(value))
}

// words is a table of 32 words, a vector of AVX-512.
func (a *assembly) words(name string, value func(i int) uint16) operand.Mem {
	values := make([]operand.Constant, 32)
	for i := range values {
		values[i] = operand.U16(value(i))
	}
	return a.constant(name, values...)
}

// bytes is a table of 32 bytes, a vector of AVX2, whose halves are the same.
func (a *assembly) bytes(name string, value func(i int) byte) operand.Mem {
	values := make([]operand.Constant, 32)
	for i := range values {
		values[i] = operand.U8(value(i % 16))
	}
	return a.constant(name, values...)
}

// lowest is a table of 8 quad words 1.
func (a *assembly) lowest() operand.Mem {
	return a.constant("lowest", slices.Repeat([]operand.Constant{operand.U64(1)}, 8)...)
}

// doubles is a table of 4 times the same number.
func (a *assembly) doubles(value float64) operand.Mem {
	bits := math.Float64bits(value)
	return a.constant(fmt.Sprintf("double%016x", bits), slices.Repeat([]operand.Constant{operand.U64(bits)}, 4)...)
}
