package qops

import (
	"fmt"
	"math"

	"github.com/pkg/errors"

	"github.com/halftone-go/halftone/internal/kernel/mac"
	"github.com/halftone-go/halftone/qops/number"
)

// Interior is the arithmetic inside of an op's sums of products where it is neither exact nor plain float32: what each
// product is rounded to before it is added, and the register that it is added to.
//
//   - acc:wN,wrap is the exact sum over codes, wrapped once to N bits.
//   - acc:wN,sat,order=... is a sum over codes in a register of N bits, which saturates at each addition.
//   - a fixed or float format with an order is what each addition is rounded to; float32, what float32 additions in
//     ascending order give.
type Interior struct {
	Product, Sum number.Format
}

// NewInterior returns the interior that the formats of the roles product and sum describe, nil for what a Certificate is
// about: exact sums, and float32 ones of float32 products.
func NewInterior(product, sum number.Format) (*Interior, error) {
	i := &Interior{Product: product, Sum: sum}
	if product.IsFloat32() && (sum.IsFloat32() || sum.Kind() == "exact") {
		return nil, nil
	}
	if sum.Kind() == "exact" {
		return nil, errors.Errorf("products are rounded to %s, but their sum is to be exact; give the sum a format, such as float32 or fixed:w24f8,rne,sat,order=seq", product)
	}
	if _, err := macFormat(product); err != nil {
		return nil, errors.Wrapf(err, "product format %s", product)
	}
	if sum.Kind() == "acc" {
		return i, i.checkAccumulator()
	}
	if _, err := macFormat(sum); err != nil {
		return nil, errors.Wrapf(err, "sum format %s", sum)
	}
	if !sum.IsFloat32() && sum.SumOrder() == number.NoOrder {
		return nil, needsOrder(sum)
	}
	return i, nil
}

func needsOrder(sum number.Format) error {
	return errors.Errorf("the sum format %s depends on the order of the terms; add it: \"%s,order=seq\", or order=block8, order=tree16", sum, sum)
}

func (i *Interior) checkAccumulator() error {
	if !i.Product.IsFloat32() {
		return errors.Errorf("%s is on the grid of exact products, but these are rounded to %s; write the sum as a fixed format of that grid, or the product as float32", i.Sum, i.Product)
	}
	if i.Sum.Overflow() == number.Saturate && i.Sum.SumOrder() == number.NoOrder {
		return needsOrder(i.Sum)
	}
	return nil
}

// macFormat returns the format as kernels take it.
func macFormat(f number.Format) (mac.Format, error) {
	if f.IsFloat32() {
		return mac.Format{}, nil
	}
	m := mac.Format{Rounds: true, Limit: mac.Saturated}
	unit, most, ok := f.Lattice()
	switch {
	case f.Kind() != "fixed" && f.Kind() != "float" || !ok:
		return m, errors.New("inside of a sum of products only fixed and float formats are simulated, without the quirks of other programs")
	case f.Rounding() != number.NearestEven:
		return m, errors.Errorf("inside of a sum of products only rne is simulated, not %s; random bits belong to tensors", f.Rounding())
	}
	if f.Kind() == "fixed" {
		if f.Overflow() != number.Saturate && f.Overflow() != number.Symmetric || f.Width() > mac.MaxWidth {
			return m, errors.Errorf("inside of a sum of products fixed formats saturate (sat or sym) and have up to %d bits; for a register that wraps use acc:wN,wrap", mac.MaxWidth)
		}
		lo, hi := f.CodeRange()
		m.Mantissa, m.MinExponent = mac.MaxWidth, mac.MaxWidth-f.Fraction()
		m.Low, m.High = float64(lo)*f.Step(), float64(hi)*f.Step()
		return m, nil
	}
	m.Mantissa = f.Width() - 1 - f.ExponentWidth()
	m.MinExponent = exponent(unit) + m.Mantissa
	m.Low, m.High = -most*unit, most*unit
	switch {
	case m.Mantissa == 0:
		return m, errors.New("inside of a sum of products a float needs a mantissa")
	case f.Overflow() == number.Saturate:
	case f.Overflow() == number.Infinity && f.HasInfinity():
		m.Limit = mac.Infinite
	default:
		return m, errors.Errorf("inside of a sum of products overflow is sat, or inf where the format has infinities, not %s", f.Overflow())
	}
	return m, nil
}

// order is the order of the sum.
func (i *Interior) order() mac.Order {
	switch i.Sum.SumOrder() {
	case number.Block8:
		return mac.InBlocksOf8
	case number.Tree16:
		return mac.InTreesOf16
	}
	return mac.InSequence
}

// rounding is the MAC of an interior that is not an accumulator.
func (i *Interior) rounding() (mac.Arithmetic, error) {
	product, err := macFormat(i.Product)
	if err != nil {
		return mac.Arithmetic{}, err
	}
	sum, err := macFormat(i.Sum)
	return mac.Arithmetic{Product: product, Sum: sum, Order: i.order()}, err
}

// register is what an accumulator holds, over codes whose sums reach bound.
type register struct {
	bound, low, high float64
	// one is the largest magnitude of a product.
	one float64
}

// register returns the register for operands whose codes reach these magnitudes, and what keeps it from being simulated.
func (i *Interior) register(p product, of [2]Operand, names [2]string) (r register, err error) {
	r.one = 1
	for operand, o := range of {
		_, most, ok := o.Format.Lattice()
		switch {
		case o.Format.IsFloat32():
			return r, errors.Errorf("%s adds codes, but %s has none: it is in float32; give it a fixed, int or bfp format", i.Sum, names[operand])
		case !ok:
			return r, errors.Errorf("%s adds codes, but the values of %s (%s) are no multiples of one step; give it a fixed, int or bfp format", i.Sum, names[operand], o.Format)
		case p.variation(operand, o.Blocks, o.Shape) != constant:
			return r, errors.Errorf("%s needs products of one step in a sum, but the blocks of %s (%s) change along it; use block=tensor, or a fixed format, for this tensor or, by a rule with an operand, for this use of it",
				i.Sum, names[operand], o.Format)
		}
		r.one *= most
	}
	r.bound = float64(p.terms.Count) * r.one
	most := math.Ldexp(1, i.Sum.Width()-1)
	r.low, r.high = -min(most, r.bound), min(most-1, r.bound)
	need := r.bound
	if i.Sum.Overflow() == number.Saturate {
		need = -r.low + r.one
	}
	if need > exactFloat64 {
		return r, errors.Errorf("%s: the simulation holds %d bits, but the codes of %s and %s need %d; use narrower formats", i.Sum, bits(exactFloat64), names[0], names[1], bits(need))
	}
	return r, nil
}

// Check says what keeps an op's sums from being simulated with the operands, which have the names.
func (i *Interior) Check(op Summing, a, b Operand, names [2]string, wide bool) error {
	if i.Sum.Kind() == "acc" {
		_, err := i.register(op.product(), [2]Operand{a, b}, names)
		return err
	}
	if wide {
		return errors.Errorf("products and sums are rounded as float32 tensors only, and this one is float64; leave product and sum to float32 or exact")
	}
	return nil
}

// Arithmetic says how sums of an op with the operands are taken, for people: the kernel and the certificate.
func (i *Interior) Arithmetic(op Summing, a, b Operand) (how, certificate string) {
	if i.Sum.Kind() == "acc" {
		r, err := i.register(op.product(), [2]Operand{a, b}, [2]string{"a", "b"})
		if err != nil {
			return "codes", err.Error()
		}
		never := ""
		if r.bound <= math.Ldexp(1, i.Sum.Width()-1)-1 {
			never = ", which it never reaches"
		}
		if i.Sum.Overflow() == number.Wrap {
			return "exact, then wrapped", fmt.Sprintf("%s: the exact sum of %d bits, wrapped once%s", i.Sum, bits(r.bound), never)
		}
		return "codes in a register", fmt.Sprintf("%s: saturates at each addition%s", i.Sum, never)
	}
	how = "each addition rounded"
	if !i.Product.IsFloat32() {
		how = "each product and addition rounded"
	}
	return how, fmt.Sprintf("product %s, sum %s", i.Product, i.Sum)
}
