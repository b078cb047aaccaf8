package kernel

import "math"

// RoundNearest rounds each element of src to the nearest value of the grid, ties to the even code:
//
//	dst[i] = (clamp(round(src[i]/Step) + Zero, Lo, Hi) - Zero) · Step
//
// with the exact quotient, and the product rounded to float64 and then to float32 (exactly, where Step is a float32
// number). The value of code Zero is +0. NaN becomes +0, an infinity the value of Lo or Hi. dst may be src.
func RoundNearest(dst, src []float32, g Grid) Counts {
	checkRun(dst, src, g)
	return roundGo(dst, src, g, g.nearest, nil)
}

// RoundFloor is RoundNearest with each quotient rounded towards minus infinity.
func RoundFloor(dst, src []float32, g Grid) Counts {
	checkRun(dst, src, g)
	return roundGo(dst, src, g, g.stochastic(0), nil)
}

// RoundStochastic is RoundNearest with stochastic rounding: the quotient becomes
//
//	floor((floor(src[i]/Step · 2^bits) + r) / 2^bits)
//
// in exact arithmetic, where r is the top bits of random[i], as many as bits says, 1 to 16.
func RoundStochastic(dst, src []float32, random []uint16, bits int, g Grid) Counts {
	checkRun(dst, src, g)
	if len(random) != len(src) || bits < 1 || bits > 16 {
		panic(badLength)
	}
	return roundGo(dst, src, g, g.stochastic(bits), random)
}

func checkRun(dst, src []float32, g Grid) {
	if len(dst) != len(src) {
		panic(badLength)
	}
	if !g.Fits() {
		panic(badGrid)
	}
}

// nearest returns x/Step rounded to the nearest integer, ties to even.
func (g Grid) nearest(x float64, _ uint16) float64 {
	q := x / g.Step
	whole := math.Floor(q)
	if q-whole == 0.5 {
		// The exact quotient lies on one side of the tie or on it; the sign of the remainder tells, exactly.
		switch rest := math.FMA(-q, g.Step, x); {
		case rest > 0:
			return whole + 1
		case rest < 0:
			return whole
		}
	}
	return math.RoundToEven(q)
}

// stochastic returns the rounding of x/Step with so many random bits; with none it is the floor.
func (g Grid) stochastic(bits int) func(x float64, random uint16) float64 {
	scale := float64(int64(1) << bits)
	return func(x float64, random uint16) float64 {
		q := x / g.Step
		t := q * scale // exact
		whole := math.Floor(t)
		if t == whole && math.FMA(-q, g.Step, x) < 0 {
			whole-- // the quotient had been rounded up to an integer
		}
		return math.Floor((whole + float64(random>>(16-bits))) / scale)
	}
}

// roundGo is the plain form of all roundings.
func roundGo(dst, src []float32, g Grid, round func(x float64, random uint16) float64, random []uint16) (counts Counts) {
	zero := float64(g.Zero)
	lo, hi := float64(g.Lo)-zero, float64(g.Hi)-zero
	for i, v := range src {
		x := float64(v)
		if x != x {
			counts.NaN++
			dst[i] = 0
			continue
		}
		var r uint16
		if random != nil {
			r = random[i]
		}
		code := x // an infinity stays what it is
		if math.IsInf(x, 0) {
			counts.Inf++
		} else {
			code = round(x, r)
		}
		switch {
		case code < lo:
			counts.Clipped++
			code = lo
		case code > hi:
			counts.Clipped++
			code = hi
		case code == 0 && x != 0:
			counts.Underflowed++
		}
		dst[i] = float32(code*g.Step) + 0 // no negative zero
	}
	return counts
}

// MaxAbs returns the largest finite magnitude of src, 0 if there is none.
func MaxAbs(src []float32) float32 {
	var largest uint32
	for _, x := range src {
		// Magnitudes compare as their bit patterns do.
		if magnitude := math.Float32bits(x) &^ (1 << 31); magnitude < 0x7f800000 {
			largest = max(largest, magnitude)
		}
	}
	return math.Float32frombits(largest)
}
