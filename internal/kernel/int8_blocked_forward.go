package kernel

// ConvForwardInt8Blocked is ConvForwardInt8 on blocks, of which x holds the codes themselves. It does not where
// Conv.TakesBlocksInt8 says so.
func ConvForwardInt8Blocked(p Conv, y []float32, x []int8, w []float32, xExponents, wExponents []int, threads int) bool {
	c := packedConvsInt8Blocked.Get().(*PackedConvInt8Blocked)
	defer packedConvsInt8Blocked.Put(c)
	return c.PackForward(p, w, wExponents, threads) && c.runAll(y, x, xExponents, threads)
}

// ConvBackwardDataInt8Blocked is ConvBackwardDataInt8 on blocks, of which dy holds the codes themselves. It does not where
// Conv.DataTakesBlocksInt8 says so.
func ConvBackwardDataInt8Blocked(p Conv, dx []float32, dy []int8, w []float32, dyExponents, wExponents []int, threads int) bool {
	c := packedConvsInt8Blocked.Get().(*PackedConvInt8Blocked)
	defer packedConvsInt8Blocked.Put(c)
	return c.PackBackwardData(p, w, wExponents, threads) && c.runAll(dx, dy, dyExponents, threads)
}
