// Package products takes the emulator's sums of products: rows of activation codes times a matrix of weights, in an
// accumulator of a given width that wraps or saturates.
//
// There are three ways, which give the same sums where they apply. [New] picks the fastest that the bounds of the weights
// certify. None of them shares code with the simulated graph, so that their agreement is evidence.
package products

import "math"

// Accumulator is the register that a sum is collected in.
type Accumulator struct {
	Width    int  // bits of two's complement, at most 48
	Saturate bool // at each addition; else the register wraps
	Group    int  // products that are added without loss before each addition to the register, at least 1
}

// Range returns the smallest and largest value of the register.
func (a Accumulator) Range() (lo, hi int64) {
	return -1 << (a.Width - 1), 1<<(a.Width-1) - 1
}

// Matrix is the weights of a layer, K x Outputs in row-major order, with the value that each output's register starts at.
type Matrix struct {
	K, Outputs int
	Weights    []int8
	Start      []int64
}

// Engine takes sums of products.
type Engine interface {
	// Sums fills sums (n x Outputs) with what the registers hold at the end for each of the n rows of K codes, and returns
	// in how many of them the register overflowed. It may be called by several goroutines at once.
	Sums(sums []int64, rows []int16, n int) (overflows int64)
}

// New returns the engine for a matrix whose activation codes lie in lo..hi.
func New(m Matrix, accumulator Accumulator, lo, hi int64) Engine {
	accLo, accHi := accumulator.Range()
	fits, narrow := true, true
	for _, b := range m.Bounds(lo, hi) {
		fits = fits && b.PartialLo >= accLo && b.PartialHi <= accHi
		narrow = narrow && b.PartialLo >= math.MinInt32 && b.PartialHi <= math.MaxInt32
	}
	switch {
	case fits && narrow:
		return newPacked(m)
	case accumulator.Saturate && !fits:
		return newStepwise(m, accumulator, lo, hi)
	default:
		return newWide(m, accumulator)
	}
}

// Bound says between which values the sums of an output lie, whatever the activations: at the end, and at any time when
// products are added in ascending k.
type Bound struct{ Lo, Hi, PartialLo, PartialHi int64 }

// Bounds computes the bound of each output for activation codes of lo..hi.
func (m Matrix) Bounds(lo, hi int64) []Bound {
	bounds := make([]Bound, m.Outputs)
	for o := range bounds {
		s := m.Start[o]
		bounds[o] = Bound{s, s, s, s}
	}
	for k := range m.K {
		for o, w := range m.Weights[k*m.Outputs:][:m.Outputs] {
			b := &bounds[o]
			b.Lo += min(int64(w)*lo, int64(w)*hi)
			b.Hi += max(int64(w)*lo, int64(w)*hi)
			b.PartialLo = min(b.PartialLo, b.Lo)
			b.PartialHi = max(b.PartialHi, b.Hi)
		}
	}
	return bounds
}

// Bits is the width of a two's complement register that never overflows within the bound.
func (b Bound) Bits() int {
	bits := 1
	for b.PartialLo < -1<<(bits-1) || b.PartialHi > 1<<(bits-1)-1 {
		bits++
	}
	return bits
}

// columns returns the weights of each output, K in a row.
func (m Matrix) columns() [][]int8 {
	columns := make([][]int8, m.Outputs)
	for o := range columns {
		columns[o] = make([]int8, m.K)
		for k := range m.K {
			columns[o][k] = m.Weights[k*m.Outputs+o]
		}
	}
	return columns
}
