package arrayfile

import (
	"fmt"
	"unsafe"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/pkg/errors"
)

// What finding scales from all elements takes for each: a copy in float64 and another to work on. Choosing levels sorts
// them, which takes two more, and looks at many of them closely; what that takes was measured on 2^24 normally
// distributed elements.
const (
	fitBytes    = 8 + 8
	levelsBytes = 40
)

// memory is the bytes that the pieces of an array take: the elements, their values or codes, and what finding the
// scales takes.
func memory[T number.Float](j Job, p plan) int64 {
	var element T
	each := 2 * int64(unsafe.Sizeof(element))
	if j.Output != Values {
		each += 4 // a code beside the value, which the statistics need
	}
	if j.Format.ScalesFrom() == number.FromElements {
		each += fitBytes
		if j.Format.Kind() == "levels" {
			each += levelsBytes - fitBytes
		}
	}
	elements := int64(p.pieceRows()) * int64(p.elements)
	if elements > 1<<62/each {
		return 1 << 62
	}
	return elements * each
}

// checkMemory refuses what needs more memory than there may be, and says what an array that cannot be cut needs.
func checkMemory[T number.Float](j Job, p plan) error {
	needed := memory[T](j, p)
	if needed > j.Memory {
		return errors.Errorf("%v needs %d elements in memory at a time, %s, and %s are allowed: raise --memory, or take smaller blocks",
			j.Format, p.pieceRows()*p.elements, byteText(needed), byteText(j.Memory))
	}
	if p.whole {
		j.notice(fmt.Sprintf("%v needs all %d elements in memory: %s", j.Format, p.elements, byteText(needed)))
	}
	return nil
}

// byteText is a number of bytes for the eye, rounded up.
func byteText(n int64) string {
	for _, unit := range []struct {
		bytes int64
		name  string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n >= unit.bytes {
			return fmt.Sprintf("%.1f %s", float64((n*10+unit.bytes-1)/unit.bytes)/10, unit.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}
