package qops

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/halftone-go/halftone/qops/number"
)

// Where the steps of a tensor are found out, every value of a block is a whole multiple of the block's power of two, with at
// most the largest code; a block counts as one of zeros if it holds nothing else. Where they are not, some value is none.
func TestStepsAreThoseOfTheValues(t *testing.T) {
	known, zeros, low := 0, 0, 0
	for i, name := range []string{
		"bfp:w8e8,block=sample,rne,sat", "bfp:w8e2,block=sample,rne,sat", "bfp:w6e3,block=2x2,rne,sat", "bfp:w4e8,block=2x2,sr,sat", "bfp:w8e8,block=3,rne,sat",
		"fixed:w8f4,rne,sat", "mx:e4m3,scale=floor,rne,sat", "mx:int8,scale=ceil,rne,sat", "float:e4m3fn,rne,sat", "float:e2m1fn,rne,sat",
		"nv:e2m1,rne,sat", "bfp:w8e8,block=channel,rne,sat", "bfp:w8e8,block=sample,rne,sym+qpytorch", "int:w8,scale=max,rne,sat",
	} {
		f := number.MustParse(name)
		for seed := range uint64(40) {
			rng := rand.New(rand.NewPCG(seed, uint64(i)))
			for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
				shape := []int{4, 4 + 30*rng.IntN(2)}
				x := NewArray(dtype, shape)
				values := make([]float64, 4*shape[1])
				for e := range values {
					scale := []float64{0, 0, 1, 0x1p-5, 0x1p9, 0x1p-126, 0x1p-140, 0x1p-149}[rng.IntN(8)]
					if e%2 > 0 { // neighbours are alike, so that blocks are
						values[e] = values[e-1] / 2
						continue
					}
					values[e] = float64(float32(scale * rng.NormFloat64()))
				}
				var scales number.Scales
				var err error
				draw := number.Draw{Stream: number.NewStream(seed, name)}
				if dtype == tensor.Float64 {
					copy(x.F64, values)
					_, err = number.Quantize(f, x.F64, x.F64, shape, number.Options{ChannelAxis: 1, Scales: &scales, Draw: draw})
				} else {
					for e, v := range values {
						x.F32[e] = float32(v)
					}
					_, err = number.Quantize(f, x.F32, x.F32, shape, number.Options{ChannelAxis: 1, Scales: &scales, Draw: draw})
				}
				require.NoError(t, err, name)
				x.Grid = &Grid{Format: f, Scales: scales}
				_, most, ok := f.Lattice()
				if !ok || scaled(f) {
					continue
				}
				var s steps
				if !s.set(x) {
					low++
					continue
				}
				known++
				require.Len(t, s.exponents, len(scales.Step))
				holds := make([]bool, len(s.zero))
				for e := range values {
					var v float64
					if dtype == tensor.Float64 {
						v = x.F64[e]
					} else {
						v = float64(x.F32[e])
					}
					block := scales.Blocks.Of(e)
					holds[block] = holds[block] || v != 0
					code := math.Ldexp(v, -s.exponents[block])
					require.True(t, code == math.Trunc(code) && math.Abs(code) <= most, "%s: %v is %v times 2^%d", name, v, code, s.exponents[block])
				}
				for block, zero := range s.zero {
					what := fmt.Sprintf("%s, block %d of %v", name, block, shape)
					require.False(t, zero && holds[block], what)
					if k := f.Kind(); !holds[block] && (k == "bfp" || k == "mx") { // others have steps that depend on no value
						zeros++
						require.True(t, zero, what)
					}
				}
			}
		}
	}
	require.Greater(t, known, 500)
	require.Greater(t, zeros, 200)
	require.Greater(t, low, 20)
}

// The exponents of products are those of the blocks that meet in a sum, of which none is zero.
func TestExponentsAreThoseOfTheProducts(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	none := 0
	for range 20000 {
		var r callRoom
		blocks := [2]int{1 + rng.IntN(4), 1 + rng.IntN(4)}
		vs := [2]variation{variation(rng.IntN(3)), variation(rng.IntN(3))}
		paired := vs == [2]variation{byGroup, byGroup}
		if paired {
			blocks[1] = blocks[0]
		}
		for i := range r.steps {
			r.steps[i].resize(blocks[i])
			for b := range blocks[i] {
				r.steps[i].exponents[b], r.steps[i].zero[b] = rng.IntN(20)-10, rng.IntN(3) == 0
			}
		}
		// A sum meets one block of an operand that is constant in it, and any of another one.
		type sum struct{ first, second int }
		sums := map[sum][]int{}
		var all []int
		for a := range blocks[0] {
			for b := range blocks[1] {
				if r.steps[0].zero[a] || r.steps[1].zero[b] || paired && a != b {
					continue
				}
				of := sum{-1, -1}
				if vs[0] == constant {
					of.first = a
				}
				if vs[1] == constant {
					of.second = b
				}
				e := r.steps[0].exponents[a] + r.steps[1].exponents[b]
				sums[of], all = append(sums[of], e), append(all, e)
			}
		}
		var want Exponents
		for i, e := range all {
			if i == 0 {
				want.Lowest, want.Highest = e, e
			}
			want.Lowest, want.Highest = min(want.Lowest, e), max(want.Highest, e)
		}
		for _, of := range sums {
			lowest, highest := of[0], of[0]
			for _, e := range of {
				lowest, highest = min(lowest, e), max(highest, e)
			}
			want.Spread = max(want.Spread, highest-lowest)
		}
		if len(all) == 0 {
			none++
		}
		require.Equal(t, want, r.exponents(vs), "%v %+v", vs, r.steps)
	}
	require.Positive(t, none)
}

// Blocks that change otherwise than with the groups of terms leave no groups, unless each is of one term.
func TestGroupsOfIrregularBlocks(t *testing.T) {
	shape := []int{2, 3, 4, 5}
	f := number.MustParse("bfp:w8e8,block=sample,rne,sat")
	of := func(axis int) Operand {
		inner := 1
		for _, n := range shape[axis+1:] {
			inner *= n
		}
		return Operand{f, number.Blocks{Count: shape[axis], Inner: inner}, shape}
	}
	for group, want := range map[int]int{0: 0, 1: 1, 2: 0, 3: 0, 9: 0} {
		p := product{terms: Terms{Count: 36, Group: group}, summed: [2][]int{{1, 2, 3}, {1, 2, 3}}}
		for axis, variation := range []variation{constant, byGroup, irregular, irregular} {
			for operand := range 2 {
				operands := [2]Operand{of(0), of(0)}
				operands[operand] = of(axis)
				vs, fs, terms := p.factors(operands)
				require.Equal(t, variation, vs[operand])
				require.Equal(t, variation != constant, fs[operand].Varies)
				require.Equal(t, constant, vs[1-operand])
				if variation == irregular {
					require.Equal(t, want, terms.Group)
				} else {
					require.Equal(t, group, terms.Group)
				}
			}
		}
	}
}
