package datasets

import (
	"os"
	"path/filepath"

	"github.com/pkg/errors"
)

// DirVariable is the environment variable that names the data folder.
const DirVariable = "HALFTONE_DATA"

// Dir returns the data folder: $HALFTONE_DATA, else the folder halftone in the user's cache folder. It need not exist.
func Dir() (string, error) {
	if dir := os.Getenv(DirVariable); dir != "" {
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", errors.Wrapf(err, "no data folder: set %s to one", DirVariable)
	}
	return filepath.Join(cache, "halftone"), nil
}
