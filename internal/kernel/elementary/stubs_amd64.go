//go:build amd64 && !noasm

package elementary

// Elementary functions; see exp.go, sigmoid.go, tanh.go.

//go:noescape
func expF32AVX512(args *sliceArgs)

//go:noescape
func expF64AVX512(args *sliceArgs)

//go:noescape
func sigmoidF32AVX512(args *sliceArgs)

//go:noescape
func sigmoidF64AVX512(args *sliceArgs)

//go:noescape
func tanhF32AVX512(args *sliceArgs)

//go:noescape
func tanhF64AVX512(args *sliceArgs)
