package emulate_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/halftone-go/halftone/emulate"
	"github.com/halftone-go/halftone/emulate/target"
	"github.com/halftone-go/halftone/qops/number"
	"github.com/stretchr/testify/require"
)

// naive is the definition of the layers that the interpreter is compared with: one image, one output at a time, integers
// and rationals of any size, LiteRT's formulas written anew. It shares no code with the interpreter.
type naive struct {
	t      *testing.T
	target *target.Target
	shapes map[string][]int
	codes  map[string][]int64
	output map[string]emulate.Output
}

func runNaive(t *testing.T, p *emulate.Program, image []float32) *naive {
	n := &naive{t, p.Target, map[string][]int{}, map[string][]int64{}, map[string]emulate.Output{}}
	for _, l := range p.Layers {
		n.output[l.Name] = l.Output
		n.layer(p, l, image)
	}
	return n
}

func (n *naive) layer(p *emulate.Program, l emulate.Layer, image []float32) {
	var in emulate.Output
	var x []int64
	var shape []int
	if len(l.Inputs) > 0 {
		in, x, shape = n.output[l.Inputs[0]], n.codes[l.Inputs[0]], n.shapes[l.Inputs[0]]
	}
	clamp := func(v int64) int64 { return max(int64(l.Output.Lo), min(int64(l.Output.Hi), v)) }
	var codes []int64
	outShape := shape
	switch op := l.Op.(type) {
	case *emulate.Quantize:
		outShape = p.Input
		for _, v := range image {
			q := float64(v / float32(l.Output.Scale))
			rounded := math.Floor(math.Abs(q)+0.5) * map[bool]float64{true: -1, false: 1}[q < 0]
			codes = append(codes, clamp(int64(rounded)+int64(l.Output.Zero)))
		}
	case *emulate.Conv:
		h := (shape[1]+op.PadTop+op.PadBottom-(op.KernelH-1)*op.DilationH-1)/op.StrideH + 1
		w := (shape[2]+op.PadLeft+op.PadRight-(op.KernelW-1)*op.DilationW-1)/op.StrideW + 1
		outShape = []int{op.OutChannels, h, w}
		for o := range op.OutChannels {
			for y := range h {
				for xx := range w {
					var a, b []int64
					for c := range shape[0] {
						for ky := range op.KernelH {
							for kx := range op.KernelW {
								iy, ix := y*op.StrideH-op.PadTop+ky*op.DilationH, xx*op.StrideW-op.PadLeft+kx*op.DilationW
								code := int64(in.Zero)
								if iy >= 0 && iy < shape[1] && ix >= 0 && ix < shape[2] {
									code = x[(c*shape[1]+iy)*shape[2]+ix]
								}
								a = append(a, code)
								b = append(b, int64(op.Codes[((o*shape[0]+c)*op.KernelH+ky)*op.KernelW+kx]))
							}
						}
					}
					codes = append(codes, n.sum(a, b, op.Bias[o], in, op.Scales[o%len(op.Scales)], l.Output))
				}
			}
		}
	case *emulate.Dense:
		outShape = []int{op.OutFeatures}
		for o := range op.OutFeatures {
			var b []int64
			for k := range x {
				b = append(b, int64(op.Codes[k*op.OutFeatures+o]))
			}
			codes = append(codes, n.sum(x, b, op.Bias[o], in, op.Scales[o%len(op.Scales)], l.Output))
		}
	case *emulate.Add:
		in2 := n.output[l.Inputs[1]]
		twice := 2 * math.Max(in.Scale, in2.Scale)
		for i, code := range n.codes[l.Inputs[1]] {
			sum := n.scale((x[i]-int64(in.Zero))*1048576, in.Scale/twice) + n.scale((code-int64(in2.Zero))*1048576, in2.Scale/twice)
			codes = append(codes, clamp(n.scale(sum, twice/(1048576*l.Output.Scale))+int64(l.Output.Zero)))
		}
	case *emulate.AveragePool:
		outShape, codes = n.pool(op.Window, shape, x, func(values []int64) int64 {
			sum := int64(0)
			for _, v := range values {
				sum += v
			}
			mean := new(big.Rat).SetFrac64(sum, int64(len(values)))
			sign := int64(mean.Sign())
			return clamp(sign * nearestUp(mean.Abs(mean)))
		})
	case *emulate.MaxPool:
		outShape, codes = n.pool(op.Window, shape, x, func(values []int64) int64 {
			largest := values[0]
			for _, v := range values {
				largest = max(largest, v)
			}
			return clamp(largest)
		})
	case *emulate.Requantize:
		for _, code := range x {
			codes = append(codes, clamp(n.scale(code-int64(in.Zero), in.Scale/l.Output.Scale)+int64(l.Output.Zero)))
		}
	case *emulate.Reshape:
		outShape, codes = op.Shape, x
	default:
		require.Fail(n.t, "no definition", "%T", op)
	}
	n.shapes[l.Name], n.codes[l.Name] = outShape, codes
}

func (n *naive) pool(w emulate.Window, shape []int, x []int64, pick func([]int64) int64) ([]int, []int64) {
	rows := (shape[1]+w.PadTop+w.PadBottom-w.KernelH)/w.StrideH + 1
	columns := (shape[2]+w.PadLeft+w.PadRight-w.KernelW)/w.StrideW + 1
	var codes []int64
	for c := range shape[0] {
		for y := range rows {
			for xx := range columns {
				var values []int64
				for iy := y*w.StrideH - w.PadTop; iy < y*w.StrideH-w.PadTop+w.KernelH; iy++ {
					for ix := xx*w.StrideW - w.PadLeft; ix < xx*w.StrideW-w.PadLeft+w.KernelW; ix++ {
						if iy >= 0 && iy < shape[1] && ix >= 0 && ix < shape[2] {
							values = append(values, x[(c*shape[1]+iy)*shape[2]+ix])
						}
					}
				}
				codes = append(codes, pick(values))
			}
		}
	}
	return []int{shape[0], rows, columns}, codes
}

// sum is one output of a conv or dense layer. A wrapping accumulator is taken as LiteRT writes it, with the zero point
// subtracted from each code and the bias last; a saturating one in the order of the target.
func (n *naive) sum(a, b []int64, bias int32, in emulate.Output, weightScale float64, out emulate.Output) int64 {
	width := uint(n.target.Accumulator.Width())
	register := new(big.Int)
	if n.target.Accumulator.Overflow() == number.Wrap {
		for k := range a {
			register.Add(register, new(big.Int).Mul(big.NewInt(a[k]-int64(in.Zero)), big.NewInt(b[k])))
		}
		register.Add(register, big.NewInt(int64(bias)))
		half := new(big.Int).Lsh(big.NewInt(1), width-1)
		modulus := new(big.Int).Lsh(big.NewInt(1), width)
		register.Add(register, half).Mod(register, modulus).Sub(register, half)
	} else {
		register.SetInt64(int64(bias))
		for k := range a {
			register.Sub(register, big.NewInt(int64(in.Zero)*b[k]))
		}
		group := n.target.Array.ProductsPerAddition()
		for k := range a {
			register.Add(register, big.NewInt(a[k]*b[k]))
			if (k+1)%group == 0 || k == len(a)-1 {
				register.SetInt64(max(-1<<(width-1), min(1<<(width-1)-1, register.Int64())))
			}
		}
	}
	v := n.scale(register.Int64(), in.Scale*weightScale/out.Scale) + int64(out.Zero)
	if n.target.Clamp {
		return max(int64(out.Lo), min(int64(out.Hi), v))
	}
	bits := uint(n.target.Operands.Activation.Width)
	low := v & (1<<bits - 1)
	if n.target.Operands.Activation.Signed && low >= 1<<(bits-1) {
		low -= 1 << bits
	}
	return low
}

// scale is the target's rule: tflite.single or shift.rne.
func (n *naive) scale(acc int64, scale float64) int64 {
	if n.target.Requantization == "shift.rne" {
		x := new(big.Rat).Mul(new(big.Rat).SetInt64(acc), new(big.Rat).SetFloat64(scale))
		up := nearestUp(x)
		if tie := new(big.Rat).Sub(new(big.Rat).SetInt64(up), x); tie.Cmp(big.NewRat(1, 2)) == 0 && up%2 != 0 {
			return up - 1
		}
		return up
	}
	require.Equal(n.t, "tflite.single", n.target.Requantization)
	fraction, exponent := math.Frexp(scale)
	m := new(big.Rat).SetInt64(int64(math.Round(math.Ldexp(fraction, 31))))
	power := new(big.Rat).SetFloat64(math.Ldexp(1, exponent-31))
	return nearestUp(m.Mul(m, power).Mul(m, new(big.Rat).SetInt64(acc)))
}

// nearestUp rounds to nearest, ties up: floor((2n + d) / 2d).
func nearestUp(x *big.Rat) int64 {
	n := new(big.Int).Lsh(x.Num(), 1)
	n.Add(n, x.Denom())
	return n.Div(n, new(big.Int).Lsh(x.Denom(), 1)).Int64() // Div is Euclidean: floor for a positive divisor
}
