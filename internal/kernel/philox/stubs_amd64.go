//go:build amd64 && !noasm

package philox

// Random bits; see randomArgs and Bits.

//go:noescape
func randomAVX512(args *randomArgs)

//go:noescape
func randomAVX2(args *randomArgs)

//go:noescape
func placePlanesAVX2(args *placeArgs)
