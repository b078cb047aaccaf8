package datasets

import (
	"fmt"
	"io/fs"

	"github.com/pkg/errors"
)

// FormatError is a data file that is truncated, or not what its name promises.
type FormatError struct {
	Path    string
	Offset  int64  // bytes from the start of the contents (after decompression)
	Problem string // what was found there and what was expected
	Remedy  string
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("%s: byte %d: %s; %s", e.Path, e.Offset, e.Problem, e.Remedy)
}

// refetch is the remedy for a broken file of a set.
func refetch(set string) string {
	return fmt.Sprintf("move the set's folder away and fetch it again with 'halftone data get %s'", set)
}

// openError tells how to get a set whose file is missing. errors.Is(err, fs.ErrNotExist) still holds.
func openError(set string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return errors.Wrapf(err, "data set %s", set)
	}
	return errors.Wrapf(err, "data set %s is not here (fetch it with 'halftone data get %s', or set %s to the folder that holds it)", set, set, DirVariable)
}
