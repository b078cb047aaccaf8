package fetch

import (
	"path"
	"strings"

	"github.com/pkg/errors"
)

// Source is a file at its publisher's, with its published length and checksum.
type Source struct {
	URL    string
	Bytes  int64
	SHA256 string
	// Target is the path below the data folder, with slashes. An archive (.tar.gz) is unpacked there: Target is a folder,
	// and only the files of the set's layout are taken out of the archive's folder of the same name.
	Target  string
	Archive bool
}

// Catalogue lists the files of each set that can be fetched, in the order of the set's layout unless they are archives.
var Catalogue = map[string][]Source{
	"cifar10": {{
		URL:    "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
		Bytes:  170_052_171,
		SHA256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd", // its page gives the MD5 c32a1d4ab5d03f1284b67883e8d87530
		Target: "cifar-10-batches-bin", Archive: true,
	}},
	"mnist": {
		mnist("train-images-idx3-ubyte.gz", 9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
		mnist("train-labels-idx1-ubyte.gz", 28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
		mnist("t10k-images-idx3-ubyte.gz", 1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
		mnist("t10k-labels-idx1-ubyte.gz", 4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
	},
	"tinyshakespeare": {{
		URL:    "https://raw.githubusercontent.com/karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/data/tinyshakespeare/input.txt",
		Bytes:  1_115_394,
		SHA256: "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
		Target: "tinyshakespeare/input.txt",
	}},
}

func mnist(file string, bytes int64, sha256 string) Source {
	return Source{URL: "https://storage.googleapis.com/cvdf-datasets/mnist/" + file, Bytes: bytes, SHA256: sha256, Target: "mnist/" + file}
}

// Address returns where the set called name is published: its file, or the folder of its files, or "".
func Address(name string) string {
	sources := Catalogue[name]
	switch len(sources) {
	case 0:
		return ""
	case 1:
		return sources[0].URL
	}
	return strings.TrimSuffix(sources[0].URL, path.Base(sources[0].URL))
}

// at returns the source on a mirror: the same file name below the address base.
func (s Source) at(base string) Source {
	if base != "" {
		s.URL = strings.TrimSuffix(base, "/") + "/" + path.Base(s.URL)
	}
	return s
}

func sources(name string) ([]Source, error) {
	list, ok := Catalogue[name]
	if !ok {
		return nil, errors.Errorf("data set %s has no address to fetch it from", name)
	}
	return list, nil
}
