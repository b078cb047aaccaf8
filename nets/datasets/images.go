package datasets

import "github.com/pkg/errors"

// Images is a set for image classification.
type Images struct {
	info                    Info
	Classes                 []string // names, by label
	Channels, Height, Width int
	// Mean and Std normalise channel c: x = (pixel/255 - Mean[c]) / Std[c].
	Mean, Std []float64
	// Pad and Flip are the set's augmentation: a random crop out of the image with Pad black pixels around it, and,
	// where Flip is set, a horizontal flip with probability 1/2.
	Pad         int
	Flip        bool
	Train, Test Split
}

// Split is a part of a set: pixels in (count, channels, height, width), row-major, and a label per image.
type Split struct {
	Pixels []byte
	Labels []byte
}

// Info says which data it is.
func (im *Images) Info() Info { return im.info }

// Split returns a part.
func (im *Images) Split(p Part) *Split {
	if p == Test {
		return &im.Test
	}
	return &im.Train
}

// Count returns the number of images of a part.
func (im *Images) Count(p Part) int { return len(im.Split(p).Labels) }

// size is the number of pixels of an image, all channels counted.
func (im *Images) size() int { return im.Channels * im.Height * im.Width }

// check finds what a loader cannot see file by file.
func (im *Images) check() error {
	for _, s := range []Split{im.Train, im.Test} {
		if len(s.Labels) == 0 {
			return errors.Errorf("data set %s: a part holds no images", im.info.Name)
		}
		if len(s.Pixels) != len(s.Labels)*im.size() {
			return errors.Errorf("data set %s: %d pixels for %d labels, expected %d for each", im.info.Name, len(s.Pixels), len(s.Labels), im.size())
		}
	}
	return nil
}
