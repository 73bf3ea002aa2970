// A gRPC client made of the generated Go types: it calls every method of every service that is compiled in, and compares
// what each side says that it sent and got. The packages are compiled in by a file of blank imports beside this one.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

const (
	deepest = 3
	text    = "grüße"
	largest = 1 << 24
	// Both sides tell in the trailers, as proto JSON, what they were asked and what they answered.
	asked, answered = "asked-bin", "answered-bin"
)

// Messages whose JSON is not made of their fields.
var known = map[protoreflect.FullName]string{
	"google.protobuf.Timestamp": `"2026-01-01T10:00:00.500Z"`,
	"google.protobuf.Duration":  `"90.5s"`,
	"google.protobuf.FieldMask": `"a.b,c"`,
	"google.protobuf.Struct":    `{"a": [1, null, {"b": "grüße"}]}`,
	"google.protobuf.Value":     `{"a": [1, null, {"b": "grüße"}]}`,
	"google.protobuf.ListValue": `[1, null, {"b": "grüße"}]`,
	"google.protobuf.Any":       `{}`,
}

func main() {
	connection, err := grpc.NewClient(
		"127.0.0.1:"+os.Args[1],
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithMaxHeaderListSize(largest),
	)
	check(err)
	defer connection.Close()
	for _, service := range services() {
		for index := range service.Methods().Len() {
			method := service.Methods().Get(index)
			if err := call(connection, method); err != nil {
				fmt.Fprintf(os.Stderr, "%s: %v\n", method.FullName(), err)
				os.Exit(1)
			}
			fmt.Printf("%s/%s\n", service.FullName(), method.Name())
		}
	}
}

// services are those that are compiled in, without the ones that gRPC brings along.
func services() []protoreflect.ServiceDescriptor {
	var found []protoreflect.ServiceDescriptor
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for index := range file.Services().Len() {
			if !strings.HasPrefix(file.Path(), "grpc/") {
				found = append(found, file.Services().Get(index))
			}
		}
		return true
	})
	sort.Slice(found, func(one, other int) bool { return found[one].FullName() < found[other].FullName() })
	return found
}

func call(connection *grpc.ClientConn, method protoreflect.MethodDescriptor) error {
	sent, err := sample(method.Input(), 0)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	requests := []proto.Message{sent}
	if method.IsStreamingClient() {
		requests = append(requests, sent)
	}
	responses, trailer, err := converse(ctx, connection, method, requests)
	if err != nil {
		return err
	}
	if expected := map[bool]int{false: 1, true: 2}[method.IsStreamingServer()]; len(responses) != expected {
		return fmt.Errorf("%d answers, not %d", len(responses), expected)
	}
	return errors.Join(
		compare("the server was asked", trailer.Get(asked), method.Input(), requests),
		compare("the server answered", trailer.Get(answered), method.Output(), responses),
	)
}

// converse sends all requests and takes all answers, which is every kind of call seen as a stream.
func converse(
	ctx context.Context, connection *grpc.ClientConn, method protoreflect.MethodDescriptor, requests []proto.Message,
) ([]proto.Message, metadata.MD, error) {
	name := fmt.Sprintf("/%s/%s", method.Parent().FullName(), method.Name())
	description := &grpc.StreamDesc{ClientStreams: method.IsStreamingClient(), ServerStreams: method.IsStreamingServer()}
	stream, err := connection.NewStream(ctx, description, name)
	if err != nil {
		return nil, nil, err
	}
	for _, request := range requests {
		if err := stream.SendMsg(request); err != nil {
			return nil, nil, err
		}
	}
	if err := stream.CloseSend(); err != nil {
		return nil, nil, err
	}
	var responses []proto.Message
	for {
		response, err := empty(method.Output())
		if err != nil {
			return nil, nil, err
		}
		if err := stream.RecvMsg(response.Interface()); errors.Is(err, io.EOF) {
			return responses, stream.Trailer(), nil
		} else if err != nil {
			return nil, nil, err
		}
		responses = append(responses, response.Interface())
		if !method.IsStreamingServer() {
			return responses, stream.Trailer(), nil
		}
	}
}

// empty is a message of the generated Go type.
func empty(descriptor protoreflect.MessageDescriptor) (protoreflect.Message, error) {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(descriptor.FullName())
	if err != nil {
		return nil, err
	}
	return kind.New(), nil
}

// sample is a message with every field set, the first of each oneof, down to a depth that ends recursive types.
func sample(descriptor protoreflect.MessageDescriptor, depth int) (proto.Message, error) {
	message, err := empty(descriptor)
	if err != nil {
		return nil, err
	}
	if said, is := known[descriptor.FullName()]; is {
		return message.Interface(), protojson.Unmarshal([]byte(said), message.Interface())
	}
	for index := range descriptor.Fields().Len() {
		field := descriptor.Fields().Get(index)
		if oneof := field.ContainingOneof(); oneof != nil && oneof.Fields().Get(0) != field {
			continue
		}
		if field.Message() != nil && depth >= deepest {
			continue
		}
		if err := fill(message, field, depth); err != nil {
			return nil, err
		}
	}
	return message.Interface(), nil
}

func fill(message protoreflect.Message, field protoreflect.FieldDescriptor, depth int) error {
	if field.IsMap() {
		value, err := single(field.MapValue(), depth)
		if err == nil {
			message.Mutable(field).Map().Set(scalar(field.MapKey()).MapKey(), value)
		}
		return err
	}
	value, err := single(field, depth)
	if err != nil {
		return err
	}
	if field.IsList() {
		message.Mutable(field).List().Append(value)
	} else {
		message.Set(field, value)
	}
	return nil
}

func single(field protoreflect.FieldDescriptor, depth int) (protoreflect.Value, error) {
	if field.Message() == nil {
		return scalar(field), nil
	}
	message, err := sample(field.Message(), depth+1)
	if err != nil {
		return protoreflect.Value{}, err
	}
	return protoreflect.ValueOfMessage(message.ProtoReflect()), nil
}

// scalar has integers beyond 2^53 where it can: a double would round them.
func scalar(field protoreflect.FieldDescriptor) protoreflect.Value {
	switch field.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(text)
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte{0xff, 0xfe})
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.EnumKind:
		values := field.Enum().Values()
		return protoreflect.ValueOfEnum(values.Get(values.Len() - 1).Number())
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(0.5)
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(0.5)
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(1<<53 + 1)
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(1<<53 + 1)
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(7)
	default:
		return protoreflect.ValueOfInt32(-7)
	}
}

// compare reads the server's words as the generated Go types and holds them against what went over the wire.
func compare(what string, words []string, descriptor protoreflect.MessageDescriptor, messages []proto.Message) error {
	if len(words) != 1 {
		return fmt.Errorf("%s: not told", what)
	}
	var told []json.RawMessage
	if err := json.Unmarshal([]byte(words[0]), &told); err != nil {
		return err
	}
	if len(told) != len(messages) {
		return fmt.Errorf("%s: %d messages, not %d", what, len(told), len(messages))
	}
	for index, each := range told {
		message, err := empty(descriptor)
		if err != nil {
			return err
		}
		if err := protojson.Unmarshal(each, message.Interface()); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if !proto.Equal(message.Interface(), messages[index]) {
			return fmt.Errorf("%s: %s, not %s", what, each, protojson.Format(messages[index]))
		}
	}
	return nil
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
