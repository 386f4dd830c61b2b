"""Keyboards on the screen, one for each kind of field, and the names of what can be touched on them.

    key:<character>          a character: key:5, key:X, key:a, key:.
    key:delete  key:clear    the last character away; all of them away
    key:confirm              this field is done: the pinyin that waits becomes hanzi, else the next field
    key:space  key:shift     a blank (or the first candidate); the next letter is a capital
    key:pinyin  key:latin  key:symbols     which characters the keys have
    candidate:<n>            the n-th of the candidates shown, from 0; its second name is hanzi:<text>
    key:more  key:fewer      further candidates, and back
    key:year+10 key:year+1 key:year-1 key:year-10 key:month+1 key:month-1 key:day+1 key:day-1
    level:<code>             a division's level above: level:top, level:370000
    division:<code>          a division of the list: its own list comes, or it is the answer
    option:<id>              one answer of a choice
    field:<name>             a field of the form, to go to it
    page:next page:previous  further fields of a form; pad:next pad:previous further answers of a list

`typing` is what a press of a key does (pure), `layouts` where keys lie (pure), `pinyin` the engine.
"""
