package train

import (
	"encoding/hex"
	"maps"
	"strings"

	"github.com/halftone-go/halftone/graph"
	"github.com/halftone-go/halftone/internal/npy"
	"github.com/pkg/errors"
)

// startFrom gives a program the weights and running statistics of the checkpoint in a run's folder.
func startFrom(dir string, p *graph.Program) (*StartRecord, error) {
	record, err := ReadRecord(dir)
	if err != nil {
		return nil, err
	}
	c, err := loadCheckpoint(dir, record)
	if err != nil {
		return nil, errors.Wrapf(err, "the weights of %s", dir)
	}
	if err := c.network(p); err != nil {
		return nil, errors.Wrapf(err, "the weights of %s", dir)
	}
	network := maps.Clone(c.tensors)
	maps.DeleteFunc(network, func(name string, _ *npy.Array) bool {
		return !strings.HasPrefix(name, parameterFolder) && !strings.HasPrefix(name, statisticFolder)
	})
	sum, err := checksum(network)
	if err != nil {
		return nil, err
	}
	return &StartRecord{Run: c.Run, Step: c.Step, SHA256: hex.EncodeToString(sum)}, nil
}
