package datasets

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDir(t *testing.T) {
	t.Setenv(DirVariable, "/some/where")
	dir, err := Dir()
	require.NoError(t, err)
	assert.Equal(t, "/some/where", dir)
	t.Setenv(DirVariable, "")
	t.Setenv("XDG_CACHE_HOME", "/the/cache")
	dir, err = Dir()
	require.NoError(t, err)
	assert.Equal(t, "halftone", filepath.Base(dir))
}

func TestLoadUnknownName(t *testing.T) {
	_, err := Load("cifar", t.TempDir())
	assert.ErrorContains(t, err, `unknown data set "cifar", did you mean cifar10?`)
	_, err = LoadText("synthetic", "")
	assert.ErrorContains(t, err, "holds images, where text is needed")
}

// Every known set is found by its digests, whether they are MD5 or SHA-256, and a set with one file changed is not.
func TestIdentify(t *testing.T) {
	for name, sets := range known {
		l, err := Find(name)
		require.NoError(t, err)
		for _, k := range sets {
			require.Len(t, k.digests, len(l.Files))
			files := make([]File, len(l.Files))
			for i, digest := range k.digests {
				files[i] = File{Name: l.Files[i]}
				if len(digest) == 32 {
					files[i].md5 = digest
				} else {
					require.Len(t, digest, 64)
					files[i].SHA256 = digest
				}
			}
			info := identify(name, files)
			assert.True(t, info.Known)
			assert.Equal(t, k.title, info.Title)
			assert.Equal(t, k.warning, info.Warning)
			files[len(files)-1].SHA256, files[len(files)-1].md5 = "x", "x"
			assert.False(t, identify(name, files).Known)
			assert.Contains(t, identify(name, files).Title, "unknown data")
			assert.NotEqual(t, info.Checksum, identify(name, files).Checksum)
		}
	}
}

func TestChecksumIsThatOfSha256sum(t *testing.T) {
	// printf a | sha256sum, printf b | sha256sum, each line with its name; then sha256sum of the two lines.
	files := []File{
		{Name: "one", SHA256: "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"},
		{Name: "two", SHA256: "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"},
	}
	assert.Equal(t, "sha256:85676b61204130b2226037d707ada44d0c50b7641758b461aba5c16114c28371", checksum(files))
	d := newDigester()
	_, err := d.Write([]byte("a"))
	require.NoError(t, err)
	assert.Equal(t, files[0].SHA256, d.file("one", "").SHA256)
}

// The synthetic set has the same bytes on every machine, says what it is, and can be learned: the nearest mean image
// finds the class of most test images.
func TestSynthetic(t *testing.T) {
	im, err := LoadImages("synthetic", "")
	require.NoError(t, err)
	info := im.Info()
	assert.Equal(t, "synthetic", info.Title)
	assert.Contains(t, info.Warning, "synthetic")
	assert.Equal(t, "sha256:1ff218389d3fa56ff1359647575f7a4b6c65f8f18fc4d97840f221fc61137236", info.Checksum)
	assert.Equal(t, syntheticTrain, im.Count(Train))
	assert.Equal(t, syntheticTest, im.Count(Test))

	var mean [syntheticClasses][3072]int
	for i, label := range im.Train.Labels {
		for e, pixel := range im.Train.Pixels[i*3072:][:3072] {
			mean[label][e] += int(pixel)
		}
	}
	right := 0
	for i := range 500 {
		nearest, least := 0, -1
		for class := range mean {
			distance := 0
			for e, pixel := range im.Test.Pixels[i*3072:][:3072] {
				d := int(pixel) - mean[class][e]/(syntheticTrain/syntheticClasses)
				distance += d * d
			}
			if least < 0 || distance < least {
				nearest, least = class, distance
			}
		}
		if nearest == int(im.Test.Labels[i]) {
			right++
		}
	}
	assert.Greater(t, right, 250, "of 500; chance is 50")
	assert.Less(t, right, 490, "of 500: too easy to tell networks apart")
}

func TestState(t *testing.T) {
	dir := writeCIFAR(t)
	state := func(name string) string {
		l, err := Find(name)
		require.NoError(t, err)
		return l.State(dir)
	}
	assert.Equal(t, "there", state("cifar10"))
	assert.Equal(t, "absent", state("mnist"))
	assert.Equal(t, "computed", state("synthetic"))
	require.NoError(t, os.Remove(filepath.Join(dir, "cifar-10-batches-bin", "test_batch.bin")))
	assert.Equal(t, "incomplete", state("cifar10"))
}
