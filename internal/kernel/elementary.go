package kernel

// ExpSlice sets dst[i] to Exp(src[i]) rounded to the element type. dst may be src.
func ExpSlice[T Float](dst, src []T) { apply(dst, src, Exp) }

// LogSlice sets dst[i] to Log(src[i]) rounded to the element type. dst may be src.
func LogSlice[T Float](dst, src []T) { apply(dst, src, Log) }

// TanhSlice sets dst[i] to Tanh(src[i]) rounded to the element type. dst may be src.
func TanhSlice[T Float](dst, src []T) { apply(dst, src, Tanh) }

// SigmoidSlice sets dst[i] to Sigmoid(src[i]) rounded to the element type. dst may be src.
func SigmoidSlice[T Float](dst, src []T) { apply(dst, src, Sigmoid) }

func apply[T Float](dst, src []T, f func(float64) float64) {
	if len(dst) != len(src) {
		panic(badLength)
	}
	for i, x := range src {
		dst[i] = T(f(float64(x)))
	}
}
