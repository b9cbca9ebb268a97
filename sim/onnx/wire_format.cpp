#include "sim/onnx/wire_format.h"

#include <fcntl.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <google/protobuf/wire_format_lite.h>
#include <sys/stat.h>
#include <unistd.h>

#include <limits>

#include "sim/base/error.h"

namespace strobe::onnx {

namespace {

namespace pb = google::protobuf;
using Lite = pb::internal::WireFormatLite;

// Closed when nobody reads it any more.
struct File {
  explicit File(const std::string& path) : number(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (number >= 0) ::close(number);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int number;
};

}  // namespace

struct WireReader::Stream {
  explicit Stream(const std::string& path) : file(path), bytes(file.number), coded(&bytes) {}

  File file;
  pb::io::FileInputStream bytes;
  pb::io::CodedInputStream coded;
};

WireReader::WireReader(const std::string& path) : path_(path) {
  stream_ = std::make_unique<Stream>(path);
  struct stat about {};
  if (stream_->file.number < 0 || ::fstat(stream_->file.number, &about) != 0 ||
      !S_ISREG(about.st_mode)) {
    throw UserError({path}, "cannot be read");
  }
  constexpr std::int64_t kMost = std::numeric_limits<int>::max();
  end_ = about.st_size;
  if (end_ > kMost) {
    throw UserError({path},
                    "has more than 2 GiB, which no protobuf message may; export the model "
                    "with its weights as external data");
  }
  stream_->coded.SetTotalBytesLimit(static_cast<int>(kMost));
}

WireReader::~WireReader() = default;

void WireReader::refuse(const char* why) const {
  throw UserError({path_}, "no sound ONNX file: " + std::string(why) + " at byte " +
                               std::to_string(stream_->coded.CurrentPosition()));
}

std::uint32_t WireReader::next_field() {
  const std::int64_t at = stream_->coded.CurrentPosition();
  if (at == end_) return 0;
  if (at > end_) refuse("a field runs over the end of its message");
  tag_ = stream_->coded.ReadTagNoLastTag();
  const auto number = static_cast<std::uint32_t>(Lite::GetTagFieldNumber(tag_));
  if (number == 0) refuse("not a field");
  return number;
}

std::int64_t WireReader::integer() {
  std::uint64_t value = 0;
  if (Lite::GetTagWireType(tag_) != Lite::WIRETYPE_VARINT) refuse("a number was expected");
  if (!stream_->coded.ReadVarint64(&value)) refuse("a number is cut off");
  return static_cast<std::int64_t>(value);
}

std::int64_t WireReader::length() {
  if (Lite::GetTagWireType(tag_) != Lite::WIRETYPE_LENGTH_DELIMITED) {
    refuse("a text or message was expected");
  }
  std::uint32_t bytes = 0;
  if (!stream_->coded.ReadVarint32(&bytes)) refuse("a length is cut off");
  if (stream_->coded.CurrentPosition() + std::int64_t{bytes} > end_) {
    refuse("a field runs over the end of its message");
  }
  return bytes;
}

std::string WireReader::text() {
  std::string value;
  if (!stream_->coded.ReadString(&value, static_cast<int>(length()))) refuse("a text is cut off");
  return value;
}

void WireReader::add_integers(std::vector<std::int64_t>& integers) {
  if (Lite::GetTagWireType(tag_) == Lite::WIRETYPE_VARINT) return integers.push_back(integer());
  const std::int64_t packed_end = length() + stream_->coded.CurrentPosition();
  while (stream_->coded.CurrentPosition() < packed_end) {
    std::uint64_t value = 0;
    if (!stream_->coded.ReadVarint64(&value)) refuse("a number is cut off");
    integers.push_back(static_cast<std::int64_t>(value));
  }
}

bool WireReader::short_text(std::size_t most, std::string& into) {
  const std::int64_t bytes = length();
  if (bytes <= static_cast<std::int64_t>(most)) {
    return stream_->coded.ReadString(&into, static_cast<int>(bytes));
  }
  if (!stream_->coded.Skip(static_cast<int>(bytes))) refuse("a text is cut off");
  return false;
}

void WireReader::skip() {
  if (Lite::GetTagWireType(tag_) == Lite::WIRETYPE_LENGTH_DELIMITED) {
    if (!stream_->coded.Skip(static_cast<int>(length()))) refuse("a field is cut off");
  } else if (!Lite::SkipField(&stream_->coded, tag_)) {
    refuse("a field is cut off");
  }
}

std::int64_t WireReader::enter() {
  const std::int64_t outer = end_;
  end_ = length() + stream_->coded.CurrentPosition();
  return outer;
}

void WireReader::leave(std::int64_t outer) {
  end_ = outer;
}

}  // namespace strobe::onnx
