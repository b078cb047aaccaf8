package fetch

import (
	"context"
	"os"
	"path/filepath"

	"github.com/halftone-go/halftone/nets/datasets"
	"github.com/pkg/errors"
)

// Get fetches what is missing of the set called name into the data folder dir and returns the set's description, and
// whether anything was fetched. mirror, where not empty, is the address of a folder that holds the publisher's files.
// A set that is there already, known or not, is left as it is.
func (d *Downloader) Get(ctx context.Context, name, dir, mirror string) (info datasets.Info, fetched bool, err error) {
	layout, err := datasets.Find(name)
	if err != nil {
		return info, false, err
	}
	if present, _ := layout.Present(dir); present < len(layout.Files) {
		list, err := sources(name)
		if err != nil {
			return info, false, err
		}
		for i, s := range list {
			s = s.at(mirror)
			if s.Archive {
				err = d.getArchive(ctx, s, layout, dir)
			} else {
				err = d.getFile(ctx, s, layout.Path(dir, i), dir)
			}
			if err != nil {
				return info, false, err
			}
		}
		fetched = true
	}
	set, err := datasets.Load(name, dir)
	if err != nil {
		return info, fetched, err
	}
	return set.Info(), fetched, nil
}

// getFile fetches a file that is a set's file as it is, unless it is there.
func (d *Downloader) getFile(ctx context.Context, s Source, present, dir string) error {
	if _, err := os.Stat(present); err == nil {
		return nil
	}
	return d.Download(ctx, s, filepath.Join(dir, filepath.FromSlash(s.Target)))
}

// getArchive fetches an archive and unpacks the set's files. Their folder appears when all of them are there and sound.
func (d *Downloader) getArchive(ctx context.Context, s Source, layout *datasets.Layout, dir string) error {
	folder := filepath.Join(dir, filepath.FromSlash(s.Target))
	if _, err := os.Stat(folder); err == nil {
		return errors.Errorf("%s is there, but not all of the set's files are in it; move it away and run again", folder)
	}
	archive := filepath.Join(dir, filepath.Base(s.URL))
	if err := d.Download(ctx, s, archive); err != nil {
		return err
	}
	// The set is unpacked in a data folder of its own, where the loader can check it.
	temporary, err := os.MkdirTemp(dir, ".unpack-")
	if err != nil {
		return errors.Wrap(err, "unpacking")
	}
	defer os.RemoveAll(temporary)
	unpacked := filepath.Join(temporary, filepath.FromSlash(s.Target))
	if err := os.MkdirAll(unpacked, 0o777); err != nil {
		return errors.Wrap(err, "unpacking")
	}
	if err := unpack(archive, s.Target, layout.Files, unpacked); err != nil {
		return err
	}
	if _, err := datasets.Load(layout.Name, temporary); err != nil {
		return errors.Wrapf(err, "unpacking %s", archive)
	}
	if err := os.Rename(unpacked, folder); err != nil {
		return errors.Wrap(err, "putting the set in its place")
	}
	return errors.Wrap(os.Remove(archive), "deleting the archive")
}
