package requant

// Mean is the average of count codes that sum to sum, as LiteRT's int8 AVERAGE_POOL_2D takes it: nearest integer, ties
// away from zero. Input and output share scale and zero point. count is positive.
//
//	mean = trunc((sum + sign(sum) * floor(count/2)) / count)
//
// Source: tensorflow/lite/kernels/internal/reference/integer_ops/pooling.h.
func Mean(sum, count int64) int64 {
	if sum > 0 {
		return (sum + count/2) / count
	}
	return (sum - count/2) / count // Go truncates, as C does
}
