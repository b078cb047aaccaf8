//go:build !amd64 || noasm

package isa

// Best returns the only one there is.
func Best() Set { return Go }
