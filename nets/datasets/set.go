package datasets

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/halftone-go/halftone/internal/spelling"
	"github.com/pkg/errors"
)

// Part is the training or the test part of a set.
type Part int

// The parts of a set.
const (
	Train Part = iota
	Test
)

// String returns "train" or "test".
func (p Part) String() string {
	if p == Test {
		return "test"
	}
	return "train"
}

// Set is a loaded data set: *Images or *Text.
type Set interface {
	Info() Info
	// Count returns the number of images, or of characters, of a part.
	Count(Part) int
}

// Layout is a set's place in the data folder.
type Layout struct {
	Name   string
	Folder string   // below the data folder; empty for a computed set
	Files  []string // in the order that checksums use
	// Compressed files may also stand there with .gz after their names.
	Compressed bool

	load func(l *Layout, dir string) (Set, error)
}

var layouts = []*Layout{
	{
		Name: "cifar10", Folder: "cifar-10-batches-bin", load: loadCIFAR,
		Files: []string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"},
	},
	{
		Name: "mnist", Folder: "mnist", load: loadMNIST, Compressed: true,
		Files: []string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"},
	},
	{Name: "tinyshakespeare", Folder: "tinyshakespeare", load: loadText, Files: []string{"input.txt"}},
	{Name: "synthetic", load: loadSynthetic},
}

// Layouts lists the sets, in the order in which the command line shows them.
func Layouts() []*Layout { return layouts }

// Names lists the sets' names.
func Names() []string {
	var names []string
	for _, l := range layouts {
		names = append(names, l.Name)
	}
	return names
}

// Find returns the layout of the set called name.
func Find(name string) (*Layout, error) {
	for _, l := range layouts {
		if l.Name == name {
			return l, nil
		}
	}
	return nil, errors.Errorf("unknown data set %q, did you mean %s? The data sets are %s",
		name, spelling.Nearest(name, Names(), 1)[0], strings.Join(Names(), ", "))
}

// Load loads the set called name from the data folder dir ([Dir] for the usual one), or computes it. Where a file is
// absent, errors.Is(err, fs.ErrNotExist) holds; a file that is truncated or foreign gives a *FormatError.
// Whoever runs with the set shows Info().Warning.
func Load(name, dir string) (Set, error) {
	l, err := Find(name)
	if err != nil {
		return nil, err
	}
	return l.Load(dir)
}

// LoadImages is Load for a set of images.
func LoadImages(name, dir string) (*Images, error) {
	set, err := Load(name, dir)
	if err != nil {
		return nil, err
	}
	images, ok := set.(*Images)
	if !ok {
		return nil, errors.Errorf("data set %s holds text, where images are needed; the image sets are cifar10, mnist and synthetic", name)
	}
	return images, nil
}

// LoadText is Load for a set of characters.
func LoadText(name, dir string) (*Text, error) {
	set, err := Load(name, dir)
	if err != nil {
		return nil, err
	}
	text, ok := set.(*Text)
	if !ok {
		return nil, errors.Errorf("data set %s holds images, where text is needed; the text set is tinyshakespeare", name)
	}
	return text, nil
}

// Path returns where file i of the set stands below dir, or would stand: for a compressed set the name with .gz, unless
// only the plain one is there.
func (l *Layout) Path(dir string, i int) string {
	plain := filepath.Join(dir, l.Folder, l.Files[i])
	if !l.Compressed {
		return plain
	}
	packed := plain + ".gz"
	if exists(plain) && !exists(packed) {
		return plain
	}
	return packed
}

// Present counts the set's files that are there, and their bytes on disk.
func (l *Layout) Present(dir string) (files int, bytes int64) {
	for i := range l.Files {
		if stat, err := os.Stat(l.Path(dir, i)); err == nil && stat.Mode().IsRegular() {
			files++
			bytes += stat.Size()
		}
	}
	return files, bytes
}

// State says in a word whether the set is below dir: "there", "incomplete", "absent", or "computed" for one without
// files. It reads nothing: files that are there may be broken.
func (l *Layout) State(dir string) string {
	files, _ := l.Present(dir)
	switch {
	case len(l.Files) == 0:
		return "computed"
	case files == len(l.Files):
		return "there"
	case files == 0:
		return "absent"
	}
	return "incomplete"
}

// Load loads the set from below dir, see [Load].
func (l *Layout) Load(dir string) (Set, error) { return l.load(l, dir) }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
