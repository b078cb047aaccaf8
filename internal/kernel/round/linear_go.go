package round

import (
	"math"
	"unsafe"

	"github.com/halftone-go/halftone/internal/kernel/philox"
)

// roundNearestGo is the plain form of the kernels that round to nearest.
func roundNearestGo(args *linearArgs) {
	sink := args.sink(0)
	for i, x := range unsafe.Slice((*float32)(args.src), args.n) {
		d := args.divider(i)
		code := float64(x)
		if x-x == 0 {
			code = d.nearest(code)
		}
		sink.put(x, code, d.step)
	}
}

// roundStochasticGo is the plain form of the kernels that round stochastically, and down. Codes are 1 higher here.
func roundStochasticGo(args *linearArgs) {
	sink := args.sink(1)
	const unit = 1 << mantissaBits // of drawn
	src := unsafe.Slice((*float32)(args.src), args.n)
	args.draws.Each(len(src), func(draws []uint16) {
		for i, draw := range draws {
			x, d := src[i], args.divider(sink.i)
			code := float64(x)
			if x-x == 0 {
				// Floors of floors: what a unit of drawn does not show makes no difference.
				r := uint32(draw) << (mantissaBits - philox.BitsPerElement) & args.drawn
				code = math.Floor((d.floor(code, unit)+float64(r))/unit) + 1
			}
			sink.put(x, code, d.step)
		}
		src = src[len(draws):]
	})
}

// sink takes the results of the plain forms.
type sink struct {
	args   *linearArgs
	origin float64
	lo, hi float64
	i      int
}

func (r *linearArgs) sink(origin float64) sink {
	return sink{args: r, origin: origin, lo: float64(r.lo), hi: float64(r.hi)}
}

// put takes the next element, its code plus origin, which may be infinite or NaN, and its step.
func (s *sink) put(x float32, code, step float64) {
	args := s.args
	switch {
	case x != x:
		args.nan++
		code = s.origin
	case x-x != 0:
		args.infinite++
		fallthrough
	default:
		switch {
		case code < s.lo:
			args.clipped++
			code = s.lo
		case code > s.hi:
			args.clipped++
			code = s.hi
		case code == s.origin && x != 0:
			args.underflowed++
		}
	}
	switch args.result {
	case toValues, toProducts:
		set(args, s.i, product32(code-s.origin, step)+0) // no negative zero
	case toBytes:
		set(args, s.i, uint8(int32(code)+args.zero))
	case toWords:
		set(args, s.i, uint16(int32(code)+args.zero))
	default:
		set(args, s.i, int32(code)+args.zero)
	}
	s.i++
}

func set[R any](args *linearArgs, i int, result R) {
	unsafe.Slice((*R)(args.dst), args.n)[i] = result
}

// product32 returns the product rounded to float32 once: where it is not exact in float64 it is first rounded to odd.
func product32(x, y float64) float32 {
	product := float64(x * y)
	if lacks := math.FMA(x, y, -product); lacks != 0 {
		bits := math.Float64bits(product)
		if (lacks > 0) != (product > 0) {
			bits-- // one too far from zero
		}
		product = math.Float64frombits(bits | 1)
	}
	return float32(product)
}
