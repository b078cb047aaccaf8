//go:build !amd64 || noasm

package philox

func randomKernel(*randomArgs) bool { return false }

func placePlanesKernel(*placeArgs) bool { return false }
