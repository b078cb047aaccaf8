package kernel

// Float is an element type of a tensor; pair is only for use inside of this package.
type Float interface{ float32 | float64 | pair }

const (
	badLength = "kernel: slice length does not match the shape"
	badBlock  = "kernel: a blockwise sum needs a positive block length"
	badShape  = "kernel: the convolution's shape is not positive, or a sample too large"
)
