package requant

// xnnpackNearestUp is XNNPACK's "rndnu" requantization. The scale is a float32 whose 24-bit significand is the multiplier,
// so that a 32 x 24 bit product is exact:
//
//	t = 31 - Shift,  y = (acc*M + 2^(t-1)) >> t      in 64 bits, 2^23 <= M < 2^24
//
// Ties go up (to +infinity). 24 <= t < 56, so scales lie in 2^-32 .. 1. XNNPACK clamps before it adds the zero point, to
// bounds less the zero point: the same code. An acc beyond 32 bits enters with its low 32 bits.
//
// Source: XNNPACK src/qs8-requantization/qs8-requantization-rndnu-scalar.c.
type xnnpackNearestUp struct{}

func (xnnpackNearestUp) Name() string { return "xnnpack.rndnu" }

func (xnnpackNearestUp) Info() Info {
	return Info{
		Formula:         "(acc*M + 2^(30-Shift)) >> (31-Shift)",
		Ties:            "up",
		Source:          "XNNPACK qs8-requantization-rndnu-scalar.c",
		AccumulatorBits: 32, MultiplierBits: 24, MinShift: -24, MaxShift: 7,
	}
}

func (r xnnpackNearestUp) Multiplier(scale float64) (Multiplier, error) {
	return float32Multiplier(r.Name(), scale, -24, 7)
}

func (xnnpackNearestUp) Apply(acc int64, m Multiplier) int64 {
	t := uint(31 - limitShift(m.Shift, -24, 7))
	return (int64(int32(acc))*int64(m.M) + 1<<(t-1)) >> t
}

// xnnpackNearestAway is XNNPACK's "rndna" requantization and QNNPACK's "precise" one: the same multiplier as
// xnnpack.rndnu, and ties away from zero:
//
//	t = 31 - Shift,  y = sign(acc) * ((|acc|*M + 2^(t-1)) >> t)
//
// An acc beyond 32 bits enters with its low 32 bits.
//
// Source: XNNPACK src/qs8-requantization/qs8-requantization-rndna-scalar-signed64.c; QNNPACK precise-scalar.c.
type xnnpackNearestAway struct{}

func (xnnpackNearestAway) Name() string { return "xnnpack.rndna" }

func (xnnpackNearestAway) Info() Info {
	return Info{
		Formula:         "sign(acc) * ((|acc|*M + 2^(30-Shift)) >> (31-Shift))",
		Ties:            "away from zero",
		Source:          "XNNPACK qs8-requantization-rndna-scalar-signed64.c; QNNPACK precise-scalar.c",
		AccumulatorBits: 32, MultiplierBits: 24, MinShift: -24, MaxShift: 7,
	}
}

func (r xnnpackNearestAway) Multiplier(scale float64) (Multiplier, error) {
	return float32Multiplier(r.Name(), scale, -24, 7)
}

func (xnnpackNearestAway) Apply(acc int64, m Multiplier) int64 {
	t := uint(31 - limitShift(m.Shift, -24, 7))
	product := int64(int32(acc)) * int64(m.M)
	half := int64(1) << (t - 1)
	if product < 0 {
		half-- // an arithmetic shift floors: one less sends the tie down
	}
	return (product + half) >> t
}
