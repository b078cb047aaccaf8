package main

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/halftone-go/halftone/internal/atomicfile"
)

// pictureKind is png or svg, as the name of the file that a flag gives says.
func pictureKind(flag, name string) (string, error) {
	kind := strings.TrimPrefix(strings.ToLower(filepath.Ext(name)), ".")
	if kind != "png" && kind != "svg" {
		return "", usagef("%s draws .png and .svg, not %q", flag, name)
	}
	return kind, nil
}

// writePicture writes what draw draws into a file.
func writePicture(name string, draw func(io.Writer) error) error {
	var failed error // of the drawing, which says nothing of the file
	err := atomicfile.Write(name, func(w io.Writer) error {
		failed = draw(w)
		return failed
	})
	if failed != nil {
		return failed
	}
	return err
}
