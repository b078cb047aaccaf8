package report

import (
	"bytes"
	"encoding/base64"
	"html/template"
	"image"
	"image/color"
	"image/png"

	"github.com/pkg/errors"
)

// Images is a strip of small pictures, each above its caption, in as many rows as it takes. They are shown enlarged,
// pixel by pixel.
type Images struct {
	// Title, when set, stands above the pictures, and Note below them.
	Title, Note string
	Pictures    []Picture
}

// Picture is a picture of a strip.
type Picture struct {
	Image   image.Image
	Caption string
	// Status, when set, marks the caption, for example of a prediction that is right or wrong.
	Status Status
}

// FromPlanes returns a picture from pixels in (channel, height, width) order, as data sets hold them: one channel is grey,
// three are red, green and blue. Other counts of channels or pixels are errors.
func FromPlanes(pixels []byte, channels, height, width int) (image.Image, error) {
	if height < 1 || width < 1 || channels != 1 && channels != 3 {
		return nil, errors.Errorf("a picture of %d channels, %d x %d pixels; want 1 or 3 channels", channels, height, width)
	}
	size := height * width
	if len(pixels) != channels*size {
		return nil, errors.Errorf("a picture of %d channels, %d x %d pixels has %d values", channels, height, width, len(pixels))
	}
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	last := (channels - 1) * size // the first pixel of the last plane; green starts half-way, or all are one plane
	for i := range size {
		img.SetRGBA(i%width, i/width, color.RGBA{R: pixels[i], G: pixels[last/2+i], B: pixels[last+i], A: 255})
	}
	return img, nil
}

var images = template.Must(template.New("images").Parse(`<figure class="images">
{{- with .Title}}<figcaption>{{.}}</figcaption>{{end}}
<ul>
{{- range .Pictures}}
<li{{with .Status.String}} class="{{.}}"{{end}}><img src="{{.Source}}" alt="{{.Alternative}}" width="{{.Width}}" height="{{.Height}}"/>
{{- if or .Caption .Status}}<span>{{.Caption}}{{if .Status}} <b class="status" aria-label="{{.Status}}" role="img">{{.Status.Sign}}</b>{{end}}</span>{{end}}</li>
{{- end}}
</ul>
{{- with .Note}}<p class="note">{{.}}</p>{{end}}</figure>`))

func (m Images) html() (template.HTML, error) {
	type picture struct {
		Picture
		Source        template.URL
		Alternative   string
		Width, Height int
	}
	data := struct {
		Title, Note string
		Pictures    []picture
	}{Title: m.Title, Note: m.Note}
	for i, p := range m.Pictures {
		if p.Image == nil {
			return "", errors.Errorf("images %q: picture %d has no image", m.Title, i+1)
		}
		source, err := dataURI(p.Image)
		if err != nil {
			return "", errors.Wrapf(err, "images %q: picture %d", m.Title, i+1)
		}
		bounds := p.Image.Bounds()
		shown := picture{Picture: p, Source: template.URL(source), Alternative: p.Caption, Width: bounds.Dx(), Height: bounds.Dy()}
		if shown.Alternative == "" {
			shown.Alternative = "without caption"
		}
		data.Pictures = append(data.Pictures, shown)
	}
	return render(images, data)
}

// dataURI returns an image as an address that holds its content as PNG.
func dataURI(img image.Image) (string, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return "", errors.Wrap(err, "encoding the image")
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), nil
}
