package main

import (
	"io"

	"github.com/halftone-go/halftone/internal/atomicfile"
	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/qops/number/arrayfile"
	"github.com/pkg/errors"
	"github.com/spf13/cobra"
)

// maxPacked bounds the archive that --unpack reads into memory.
const maxPacked = 1 << 30

// runUnpack writes the values of packed storage.
func (f *quantizeFlags) runUnpack(cmd *cobra.Command, in, out string) error {
	if f.format != "" || f.codes || f.packed || f.raw != "" {
		return usagef("--unpack takes the format from the archive: leave --format, --codes, --packed and --raw out")
	}
	reader, name, err := openInput(cmd, in)
	if err != nil {
		return err
	}
	defer reader.Close()
	data, err := io.ReadAll(io.LimitReader(arrayfile.Interruptible(cmd.Context(), reader), maxPacked+1))
	if err != nil {
		return errors.Wrap(err, name)
	}
	if len(data) > maxPacked {
		return errors.Errorf("%s: more than %d bytes", name, maxPacked)
	}
	array, err := arrayfile.Unpack(data, f.memory<<20)
	if err != nil {
		return errors.Wrap(err, name)
	}
	write := func(w io.Writer) error { return npy.Write(w, array) }
	if out == "-" {
		return writeWhole(cmd.OutOrStdout(), write)
	}
	return atomicfile.Write(out, write)
}
