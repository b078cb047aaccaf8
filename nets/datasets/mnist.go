package datasets

import (
	"fmt"
	"io"
)

const mnistSide = 28

func loadMNIST(l *Layout, dir string) (Set, error) {
	im := &Images{
		Classes:  []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
		Channels: 1, Height: mnistSide, Width: mnistSide,
		Mean: []float64{.1307}, Std: []float64{.3081},
	}
	var files []File
	for i, part := range []*Split{&im.Train, &im.Train, &im.Test, &im.Test} {
		labels := i%2 == 1
		file, err := l.readFile(dir, i, func(path string, r io.Reader) error {
			if labels {
				return readMNISTLabels(path, r, part)
			}
			return readMNISTImages(path, r, part)
		})
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	im.info = identify(l.Name, files)
	return im, im.check()
}

func readMNISTImages(path string, r io.Reader, split *Split) error {
	sizes, data, err := readIDX("mnist", path, r, 3)
	if err != nil {
		return err
	}
	if sizes[1] != mnistSide || sizes[2] != mnistSide {
		return &FormatError{path, 8, fmt.Sprintf("images of %dx%d, expected %dx%d", sizes[1], sizes[2], mnistSide, mnistSide), refetch("mnist")}
	}
	split.Pixels = data
	return nil
}

// readMNISTLabels reads the labels of the images that split holds already.
func readMNISTLabels(path string, r io.Reader, split *Split) error {
	const header = 8
	sizes, data, err := readIDX("mnist", path, r, 1)
	if err != nil {
		return err
	}
	if images := len(split.Pixels) / (mnistSide * mnistSide); sizes[0] != images {
		return &FormatError{path, 4, fmt.Sprintf("%d labels, expected one for each of the %d images", sizes[0], images), refetch("mnist")}
	}
	for i, label := range data {
		if label > 9 {
			return &FormatError{path, header + int64(i), fmt.Sprintf("label %d, expected 0 to 9", label), refetch("mnist")}
		}
	}
	split.Labels = data
	return nil
}
