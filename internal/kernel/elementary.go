package kernel

// ExpSlice sets dst[i] to Exp(src[i]) rounded to the element type. dst may be src.
func ExpSlice[T Float](dst, src []T) { apply(dst, src, exponential, Exp) }

// LogSlice sets dst[i] to Log(src[i]) rounded to the element type. dst may be src.
func LogSlice[T Float](dst, src []T) { apply(dst, src, logarithm, Log) }

// TanhSlice sets dst[i] to Tanh(src[i]) rounded to the element type. dst may be src.
func TanhSlice[T Float](dst, src []T) { apply(dst, src, hyperbolicTangent, Tanh) }

// SigmoidSlice sets dst[i] to Sigmoid(src[i]) rounded to the element type. dst may be src.
func SigmoidSlice[T Float](dst, src []T) { apply(dst, src, logistic, Sigmoid) }

// elementary names an elementary function.
type elementary int

const (
	exponential elementary = iota
	logarithm
	hyperbolicTangent
	logistic
)

func apply[T Float](dst, src []T, name elementary, f func(float64) float64) {
	if len(dst) != len(src) {
		panic(badLength)
	}
	args := pointwiseArgs{dst: address(dst), x: address(src), n: len(src)}
	if elementaryKernel(name, size[T]() == 4, &args) {
		return
	}
	for i, x := range src {
		dst[i] = T(f(float64(x)))
	}
}
