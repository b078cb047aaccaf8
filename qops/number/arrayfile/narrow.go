package arrayfile

import (
	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/qops/number"
)

// narrow returns the smallest integer type that holds the codes of the format, and how codes are written in it.
func narrow(f number.Format) (element string, write func(*npy.Writer, []int32) error) {
	lo, hi := f.CodeRange()
	switch {
	case lo >= 0 && hi < 1<<8:
		return elementName[uint8](), writeAs[uint8]()
	case lo >= 0 && hi < 1<<16:
		return elementName[uint16](), writeAs[uint16]()
	case lo >= 0:
		return elementName[uint32](), writeAs[uint32]()
	case hi < 1<<7:
		return elementName[int8](), writeAs[int8]()
	case hi < 1<<15:
		return elementName[int16](), writeAs[int16]()
	default:
		return elementName[int32](), writeAs[int32]()
	}
}

// writeAs returns what writes codes as integers of a type.
func writeAs[I int8 | int16 | int32 | uint8 | uint16 | uint32]() func(*npy.Writer, []int32) error {
	var out []I
	return func(w *npy.Writer, codes []int32) error {
		out = grown(out, len(codes))
		for i, code := range codes {
			out[i] = I(code)
		}
		return npy.WriteElements(w, out)
	}
}
