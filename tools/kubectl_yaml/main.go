// Answers, for each text on standard input, what kubectl makes of it.
//
// A line of input is a JSON object: "as" is "stream" for what kubectl reads with `apply -f`, or "document" for what
// client-go reads as a kubeconfig; "text" is the file in base64. A line of output is a JSON object: "error" is what
// went wrong, or "values" are the documents. Whole numbers that Go keeps as integers are written without a point, and
// all other numbers with one.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
	"k8s.io/apimachinery/pkg/runtime"
	kjson "k8s.io/apimachinery/pkg/util/json"
	kyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

type question struct {
	As   string `json:"as"`
	Text []byte `json:"text"`
}

type answer struct {
	Error  string            `json:"error,omitempty"`
	Values []json.RawMessage `json:"values,omitempty"`
}

func main() {
	lines := bufio.NewReader(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var asked question
			if err := json.Unmarshal(line, &asked); err != nil {
				panic(err)
			}
			said, err := json.Marshal(reply(asked))
			if err != nil {
				panic(err)
			}
			fmt.Fprintf(out, "%s\n", said)
		}
		if err != nil {
			return
		}
	}
}

func reply(asked question) (said answer) {
	var raw [][]byte
	var err error
	if asked.As == "document" {
		raw, err = document(asked.Text)
	} else {
		raw, err = stream(asked.Text)
	}
	for _, each := range raw {
		if err != nil {
			break
		}
		// As the decoder of unstructured objects does it (k8s.io/apimachinery/pkg/apis/meta/v1/unstructured/helpers.go).
		var value any
		if err = kjson.Unmarshal(each, &value); err == nil {
			said.Values = append(said.Values, exact(value))
		}
	}
	if err != nil {
		return answer{Error: err.Error()}
	}
	return said
}

// The loop of StreamVisitor.Visit, fed as FileVisitor.Visit does it (k8s.io/cli-runtime/pkg/resource/visitor.go).
func stream(text []byte) ([][]byte, error) {
	var raw [][]byte
	reader := transform.NewReader(bytes.NewReader(text), unicode.BOMOverride(unicode.UTF8.NewDecoder()))
	decoder := kyaml.NewYAMLOrJSONDecoder(reader, 4096)
	for {
		ext := runtime.RawExtension{}
		if err := decoder.Decode(&ext); err != nil {
			if err == io.EOF {
				return raw, nil
			}
			return nil, err
		}
		ext.Raw = bytes.TrimSpace(ext.Raw)
		if len(ext.Raw) == 0 || bytes.Equal(ext.Raw, []byte("null")) {
			continue
		}
		raw = append(raw, ext.Raw)
	}
}

// As the serializer that clientcmd.Load uses (k8s.io/apimachinery/pkg/runtime/serializer/json/json.go, Decode).
func document(text []byte) ([][]byte, error) {
	raw, err := yaml.YAMLToJSON(text)
	return [][]byte{raw}, err
}

func exact(value any) json.RawMessage {
	switch value := value.(type) {
	case float64:
		text := strconv.FormatFloat(value, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return json.RawMessage(text)
	case map[string]any:
		inner := map[string]json.RawMessage{}
		for key, each := range value {
			inner[key] = exact(each)
		}
		return encoded(inner)
	case []any:
		inner := []json.RawMessage{}
		for _, each := range value {
			inner = append(inner, exact(each))
		}
		return encoded(inner)
	}
	return encoded(value)
}

func encoded(value any) json.RawMessage {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}
