#pragma once

// The door to protobuf: goes through a file of nested messages, field by field, without a schema
// and without keeping what nobody asks for.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace strobe::onnx {

class WireReader {
 public:
  // Throws UserError when the file cannot be read.
  explicit WireReader(const std::string& path);
  ~WireReader();
  WireReader(const WireReader&) = delete;
  WireReader& operator=(const WireReader&) = delete;

  // The next field of the message that is being read; 0 at its end. Each field is to be taken by
  // one of the functions below. All of them throw UserError where the file is damaged.
  std::uint32_t next_field();

  std::int64_t integer();
  std::string text();
  // Of a repeated field, packed or not.
  void add_integers(std::vector<std::int64_t>& integers);
  // The bytes of a text when it has at most `most`; otherwise they are passed over.
  bool short_text(std::size_t most, std::string& into);
  void skip();

  // Calls read(), which is to take all fields of the message that this field is.
  template <class Read>
  void message(const Read& read) {
    const std::int64_t outer = enter();
    read();
    leave(outer);
  }

 private:
  struct Stream;

  std::int64_t enter();  // the end of what is around it
  void leave(std::int64_t outer);
  std::int64_t length();  // of a field that has one
  [[noreturn]] void refuse(const char* why) const;

  std::string path_;
  std::unique_ptr<Stream> stream_;
  std::int64_t end_ = 0;  // of the message that is being read
  std::uint32_t tag_ = 0;
};

}  // namespace strobe::onnx
