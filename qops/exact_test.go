package qops_test

import (
	"math"
	"math/big"

	"github.com/halftone-go/halftone/qops"
)

// precision is enough for any sum of products in these tests: exponents from -300 to 260, and the bits of two factors.
const precision = 700

// exact is the sum of products of floats without any rounding.
type exact struct{ sum, product, factor big.Float }

func newExact() *exact {
	e := &exact{}
	e.sum.SetPrec(precision)
	e.product.SetPrec(precision)
	e.factor.SetPrec(53)
	return e
}

func (e *exact) reset() { e.sum.SetInt64(0) }

func (e *exact) add(x float64) {
	e.factor.SetFloat64(x)
	e.sum.Add(&e.sum, &e.factor)
}

func (e *exact) addProduct(x, y float64) {
	e.product.SetFloat64(x)
	e.factor.SetFloat64(y)
	e.product.Mul(&e.product, &e.factor)
	e.sum.Add(&e.sum, &e.product)
}

// round rounds x once to T, ties to even; zero is +0.
func round[T qops.Float](x *big.Float) T {
	var zero T
	if _, single := any(zero).(float32); single {
		v, _ := x.Float32()
		return T(v)
	}
	v, _ := x.Float64()
	return T(v)
}

// fma is x*y + acc rounded once to T.
func fma[T qops.Float](e *exact, x, y, acc T) T {
	if math.IsInf(float64(acc), 0) || math.IsNaN(float64(acc)) {
		return acc // the product is finite
	}
	e.reset()
	e.addProduct(float64(x), float64(y))
	e.add(float64(acc))
	if e.sum.Sign() == 0 {
		if x != 0 && y != 0 {
			return 0
		}
		return x*y + acc // zeros of either sign
	}
	return round[T](&e.sum)
}
