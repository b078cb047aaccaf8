package train

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"

	"github.com/halftone-go/halftone/graph/policy"
	"github.com/halftone-go/halftone/internal/atomicfile"
	"github.com/halftone-go/halftone/internal/version"
	"github.com/halftone-go/halftone/optimizers"
	"github.com/pkg/errors"
)

// Files of a run's folder.
const (
	RecordFile     = "run.json"
	MetricsFile    = "metrics.csv"
	CheckpointFile = "checkpoint.npz"
)

const (
	recordVersion = "run/1"
	maxRecord     = 1 << 20
)

// Record is run.json: all that the bits of a run depend on.
type Record struct {
	Halftone      string            `json:"halftone"` // the format, run/1
	Version       string            `json:"version"`  // of Halftone
	Seed          uint64            `json:"seed"`
	Model         string            `json:"model"`
	Hidden        []int             `json:"hidden,omitempty"`
	Window        int               `json:"window,omitempty"`
	Data          DataRecord        `json:"data"`
	LimitTrain    int               `json:"limit_train"`
	LimitTest     int               `json:"limit_test"`
	Batch         int               `json:"batch"`
	Steps         int               `json:"steps"`
	EvaluateEvery int               `json:"evaluate_every"`
	Optimizer     string            `json:"optimizer"`
	Options       map[string]string `json:"options"`
	Schedule      string            `json:"schedule"`
	ErrorScale    string            `json:"error_scale"`
	PolicyName    string            `json:"policy_name"`
	Policy        string            `json:"policy"` // the whole policy in YAML
	// Start is what the run began with, if not with weights that its seed chose.
	Start *StartRecord `json:"start,omitempty"`
}

// StartRecord is the checkpoint of another run that a run began with.
type StartRecord struct {
	Run    string `json:"run"` // the identity of the run that it is of
	Step   int    `json:"step"`
	SHA256 string `json:"sha256"` // of the parameters and running statistics
}

// DataRecord says which data a run saw.
type DataRecord struct {
	Name     string       `json:"name"`
	Title    string       `json:"title"`
	Checksum string       `json:"checksum"`
	Files    []FileRecord `json:"files"`
}

// FileRecord is a file of a data set.
type FileRecord struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// record describes a complete configuration.
func (c *Config) record(optimizer optimizers.Config) Record {
	info := c.Set.Info()
	r := Record{
		Halftone: recordVersion, Version: version.Version, Seed: c.Seed,
		Model: c.Model, Hidden: c.Hidden, Window: c.Window,
		Data:       DataRecord{Name: info.Name, Title: info.Title, Checksum: info.Checksum},
		LimitTrain: c.LimitTrain, LimitTest: c.LimitTest,
		Batch: c.Batch, Steps: c.Steps, EvaluateEvery: c.EvaluateEvery,
		Optimizer: optimizer.Name(), Options: map[string]string{},
		Schedule: c.Schedule, ErrorScale: c.ErrorScale,
		PolicyName: c.Policy.Name, Policy: string(c.Policy.YAML()), Start: c.start,
	}
	for _, f := range info.Files {
		r.Data.Files = append(r.Data.Files, FileRecord{f.Name, f.SHA256})
	}
	for _, o := range optimizers.Options(optimizer) {
		r.Options[o.Key] = o.Value
	}
	return r
}

// Config is the configuration that the record was made of, without what no bit depends on: folders and threads.
func (r *Record) Config() (Config, error) {
	p, err := policy.Parse(r.PolicyName+".yaml", []byte(r.Policy))
	if err != nil {
		return Config{}, errors.Wrap(err, "the policy in "+RecordFile)
	}
	c := Config{
		Model: r.Model, Hidden: r.Hidden, Window: r.Window,
		Data: r.Data.Name, LimitTrain: r.LimitTrain, LimitTest: r.LimitTest,
		Policy: p, Optimizer: r.Optimizer, Schedule: r.Schedule, ErrorScale: r.ErrorScale,
		Batch: r.Batch, Steps: r.Steps, EvaluateEvery: r.EvaluateEvery, Seed: r.Seed, start: r.Start,
	}
	for _, key := range slices.Sorted(maps.Keys(r.Options)) {
		c.Options = append(c.Options, key+"="+r.Options[key])
	}
	return c, nil
}

// identity names the run: a digest of all but its length, to which a resumed run may add, and the policy's name.
func (r Record) identity() string {
	r.Steps, r.PolicyName = 0, ""
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // strings, numbers and maps of strings always have a JSON form
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// difference names the first thing in which r and the record of an earlier run differ, "" if that is at most their length.
func (r *Record) difference(was *Record) string {
	for _, d := range []struct {
		what     string
		now, was any
	}{
		{"version", r.Version, was.Version},
		{"seed", r.Seed, was.Seed},
		{"model", r.Model, was.Model},
		{"data", r.Data.Name, was.Data.Name},
		{"data checksum", r.Data.Checksum, was.Data.Checksum},
		{"limit-train", r.LimitTrain, was.LimitTrain},
		{"limit-test", r.LimitTest, was.LimitTest},
		{"batch", r.Batch, was.Batch},
		{"evaluate-every", r.EvaluateEvery, was.EvaluateEvery},
		{"optimizer", r.Optimizer, was.Optimizer},
		{"schedule", r.Schedule, was.Schedule},
		{"error-scale", r.ErrorScale, was.ErrorScale},
	} {
		if d.now != d.was {
			return fmt.Sprintf("%s is %v and was %v", d.what, d.now, d.was)
		}
	}
	for key, value := range r.Options {
		if value != was.Options[key] {
			return fmt.Sprintf("option %s is %s and was %s", key, value, was.Options[key])
		}
	}
	if r.Policy != was.Policy {
		return "the policy is another one"
	}
	if r.identity() != was.identity() {
		return RecordFile + " is another one"
	}
	return ""
}

// write writes the record into a folder.
func (r *Record) write(dir string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return errors.Wrap(err, RecordFile)
	}
	return atomicfile.Write(filepath.Join(dir, RecordFile), func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}

// ReadRecord reads the record of the run in a folder.
func ReadRecord(dir string) (*Record, error) {
	name := filepath.Join(dir, RecordFile)
	text, err := readLimited(name, maxRecord)
	if err != nil {
		return nil, errors.Wrapf(err, "%s is no folder of a run", dir)
	}
	r, err := parseRecord(text)
	return r, errors.Wrap(err, name)
}

// parseRecord reads the content of a run.json, which may be anything.
func parseRecord(text []byte) (*Record, error) {
	var r Record
	if err := decodeStrictly(text, &r); err != nil {
		return nil, err
	}
	if r.Halftone != recordVersion {
		return nil, errors.Errorf("the format is %q, this version reads %q", r.Halftone, recordVersion)
	}
	return &r, nil
}
