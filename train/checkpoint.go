package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/halftone-go/halftone/internal/atomicfile"
	"github.com/halftone-go/halftone/internal/npy"
	"github.com/pkg/errors"
)

// checkpointVersion is the format of checkpoints.
const checkpointVersion = "checkpoint/1"

// maxCheckpoint bounds what is read as a checkpoint.
const maxCheckpoint = 1 << 30

// Arrays of a checkpoint that are no tensors.
const (
	manifestArray = "manifest"
	checksumArray = "sha256"
)

// manifest is what a checkpoint holds besides tensors.
type manifest struct {
	Halftone string `json:"halftone"`
	// Run is the identity of the run, see Record.identity.
	Run  string `json:"run"`
	Step int    `json:"step"`
	// LossSum and LossCount are the training losses since the last row of metrics.
	LossSum   float64 `json:"loss_sum"`
	LossCount int     `json:"loss_count"`
	// ErrorScale and GoodSteps are the state of the error scale.
	ErrorScale float64   `json:"error_scale"`
	GoodSteps  int       `json:"good_steps"`
	Optimizer  string    `json:"optimizer"`
	Counters   []counter `json:"counters"`
}

// counter is a number of the optimizer's state.
type counter struct {
	Name  string `json:"name"`
	Value int64  `json:"value"`
}

// checkpoint is a run between two steps. Its file is a NumPy archive: a manifest in JSON, tensors, and a SHA-256 over them
// all. It depends on the run alone and holds no time, path or number of threads.
type checkpoint struct {
	manifest
	tensors map[string]*npy.Array
}

// write writes the checkpoint, whole or not at all.
func (c *checkpoint) write(name string) error {
	text, err := json.Marshal(c.manifest)
	if err != nil {
		return errors.Wrap(err, "checkpoint")
	}
	arrays := maps.Clone(c.tensors)
	arrays[manifestArray] = byteArray(text)
	sum, err := checksum(arrays)
	if err != nil {
		return errors.Wrap(err, "checkpoint")
	}
	arrays[checksumArray] = byteArray(sum)
	return atomicfile.Write(name, func(w io.Writer) error { return npy.WriteArchive(w, arrays) })
}

func byteArray(b []byte) *npy.Array { return &npy.Array{Shape: []int{len(b)}, Data: b} }

// checksum is the SHA-256 of the arrays in the order of their names: each name with a zero byte, then its .npy form.
func checksum(arrays map[string]*npy.Array) ([]byte, error) {
	digest := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		digest.Write(append([]byte(name), 0))
		if err := npy.Write(digest, arrays[name]); err != nil {
			return nil, errors.Wrap(err, name)
		}
	}
	return digest.Sum(nil), nil
}

// readCheckpoint reads the file that write wrote. Errors name the file.
func readCheckpoint(name string) (*checkpoint, error) {
	data, err := readLimited(name, maxCheckpoint)
	if err != nil {
		return nil, err
	}
	c, err := parseCheckpoint(data)
	if err != nil {
		return nil, errors.Wrapf(err, "%s is damaged or no checkpoint; restore it from a copy, or train anew in another folder", name)
	}
	return c, nil
}

// parseCheckpoint reads a checkpoint's content, which may be anything.
func parseCheckpoint(data []byte) (*checkpoint, error) {
	arrays, err := npy.ParseArchive(data)
	if err != nil {
		return nil, err
	}
	stored, err := bytesOf(arrays, checksumArray)
	if err != nil {
		return nil, err
	}
	delete(arrays, checksumArray)
	sum, err := checksum(arrays)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(stored, sum) {
		return nil, errors.New("the checksum is not that of the content")
	}
	text, err := bytesOf(arrays, manifestArray)
	if err != nil {
		return nil, err
	}
	delete(arrays, manifestArray)
	c := &checkpoint{tensors: arrays}
	if err := decodeStrictly(text, &c.manifest); err != nil {
		return nil, errors.Wrap(err, manifestArray)
	}
	if c.Halftone != checkpointVersion {
		return nil, errors.Errorf("the format is %q, this version reads %q", c.Halftone, checkpointVersion)
	}
	if c.Step < 0 || c.LossCount < 0 || c.GoodSteps < 0 || !(c.ErrorScale > 0) {
		return nil, errors.New("a number of the manifest is out of range")
	}
	return c, nil
}

// bytesOf returns an array of bytes that must be there.
func bytesOf(arrays map[string]*npy.Array, name string) ([]byte, error) {
	a := arrays[name]
	if a == nil {
		return nil, errors.Errorf("array %q is missing", name)
	}
	data, err := npy.Elements[uint8](a)
	return data, errors.Wrapf(err, "array %q", name)
}

// decodeStrictly reads one JSON value that has no keys but those of v.
func decodeStrictly(text []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more text behind the end")
	}
	return nil
}

// readLimited reads a file of at most limit bytes.
func readLimited(name string, limit int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, errors.Wrap(err, name)
	}
	if int64(len(data)) > limit {
		return nil, errors.Errorf("%s has more than %d bytes", name, limit)
	}
	return data, nil
}
