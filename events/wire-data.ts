// Made by "npm run docs" from the catalogue. Do not edit.
// oxlint-disable max-lines -- it is generated

/** Text, or a whole number of any size; 0, blank text and the empty GUID are none. */
type Id = string | number | bigint;
/** A number, or its text. */
type Numeric = number | bigint | `${number}`;
type Word =
  'true' | '1' | 'yes' | 'y' | 'on' | 't' | 'checked' | 'false' | '0' | 'no' | 'n' | 'off' | 'f' | 'unchecked';
/** Or a text that forms send for a check box; blank text is none. */
type Truth = boolean | 0 | 1 | Word | Capitalize<Word> | Uppercase<Word> | '';
/** ISO 8601, UTC where no zone is given. */
type Time = Date | string;
/** The entry in a field. */
type Entry = string | number | boolean;
/** In base64 where it is text. */
type Bytes = string | Uint8Array | readonly number[];
/** By number or name. Further numbers are kept, too. */
type Choice<N extends number, S extends string> = N | (number & {}) | S | `${number}`;
type None = null | undefined;

/** The parts of W that stand beside P may stand in P, and the fields of P with them directly in the data. */
type Arranged<W, P extends keyof W> = W | (Omit<W, P> & { [K in P]: W[P] & Omit<W, P> }) | (W[P] & Omit<W, P>);

/** The data of each event as a chat server spells them: names in this case, other ones for the same field beside them. */
export interface WireData {
  /** A chat has ended, answered or not. */
  'Chat.Ended': Arranged<
    {
      /** The chat; accepted too: its fields directly in the data, and visitor and Salesforce in it. */
      Chat: {
        /** The chat; also the event id where none is given. */ ChatId?: Id | None;
        /** As `ChatId`. */ ChatGuid?: Id | None;
        /** The site. */ SiteId: Id;
        /** The visitor's session. */ SessionId?: Id | None;
        /** Agents that took part. */ AgentIds?: readonly Id[] | None;
        /** When the chat began. */ Start?: Time | None;
        /** As `Start`. */ StartTime?: Time | None;
        /** When it ended. */ End?: Time | None;
        /** As `End`. */ EndTime?: Time | None;
        /** When the visitor asked for it. */ RequestTime?: Time | None;
        /** Name. */ PreChatName?: Entry | None;
        /** Company. */ PreChatCompany?: Entry | None;
        /** Phone. */ PreChatPhone?: Entry | None;
        /** E-mail address. */ PreChatEmail?: Entry | None;
        /** Product or service asked about. */ PreChatProductService?: Entry | None;
        /** Department chosen before the chat. */ PreChatDepartmentId?: Id | None;
        /** Its name. */ PreChatDepartmentName?: Entry | None;
        /** The agent's comment. */ AgentComment?: string | None;
        /** The whole conversation as one text. */ content?: string | None;
        /** As `content`. */ Transcript?: string | None;
        /** The conversation message by message, where the server sends that. */
        Messages?:
          | readonly {
              /** Message. */ Id?: Id | None;
              /** As `Id`. */ Guid?: Id | None;
              /** As `Id`. */ MessageId?: Id | None;
              /** When it was sent. */ Time?: Time | None;
              /** As `Time`. */ SendTime?: Time | None;
              /** As `Time`. */ SentTime?: Time | None;
              /** The sender. One of 0 visitor, 1 agent, 2 system, 3 chatbot. */
              SenderType?: Choice<0 | 1 | 2 | 3, 'visitor' | 'agent' | 'system' | 'chatbot'> | None;
              /** Visitor or agent that sent it. */ SenderId?: Id | None;
              /** Name of the sender. */ SenderName?: Entry | None;
              /** As `SenderName`. */ Name?: Entry | None;
              /** The text of the message. */ Content?: string | None;
              /** As `Content`. */ Message?: string | None;
              /** As `Content`. */ Body?: string | None;
            }[]
          | None;
        /** Network that the visitor came from; the specification declares it as number and as text. One of 0 none, 1 facebook, 2 googlePlus. */
        SocialMediaSource?: Choice<0 | 1 | 2, 'none' | 'facebook' | 'googlePlus'> | None;
        /** The text, where a server sends number and text. */ SocialMediaSourceText?: Entry | None;
        /** The visitor's profile there. */ SocialProfileUrl?: Entry | None;
        /** The side that answered; the specification does not say how 1 and 3 differ. One of 0 agentOnly, 1 chatbotOnly, 2 botToAgent, 3 chatbot. */
        ChatType?:
          Choice<0 | 1 | 2 | 3, 'agentOnly' | 'chatbotOnly' | 'botToAgent' | 'chatbot' | 'fromChatBotToAgent'> | None;
        /** There was an audio chat. */ IfAudioChatHappened?: Truth | None;
        /** There was a video chat. */ IfVideoChatHappened?: Truth | None;
        /** How it began. One of 0 button, 1 autoInvitation, 2 manualInvitation. */
        ChatSource?:
          | Choice<0 | 1 | 2, 'button' | 'autoInvitation' | 'manualInvitation' | 'chatButton' | 'manuallyInvitation'>
          | None;
        /** Whether it was answered; offlineMessage has an event of its own, which brings tickets and CRM. One of 0 normal, 1 agentRefused, 2 missed, 3 offlineMessage. */
        MissedChatStatus?: Choice<0 | 1 | 2 | 3, 'normal' | 'agentRefused' | 'missed' | 'offlineMessage'> | None;
        /** The visitor had to queue. */ IfEnterQueue?: Truth | None;
        /** Messages by the visitor. */ VisitorMessageNum?: Numeric | None;
        /** Messages by agents. */ AgentMessageNum?: Numeric | None;
        /** As sent; the specification names no unit. */ AgentAvgResponseTime?: Numeric | None;
        /** The author of the last message. One of 0 visitor, 1 agent, 2 system, 3 chatbot, -1 unknown. */
        LasMessageSendBy?:
          Choice<0 | 1 | 2 | 3 | -1, 'visitor' | 'agent' | 'system' | 'chatbot' | 'unknown' | 'unknow'> | None;
        /** As `LasMessageSendBy`. */ LastMessageSendBy?:
          Choice<0 | 1 | 2 | 3 | -1, 'visitor' | 'agent' | 'system' | 'chatbot' | 'unknown' | 'unknow'> | None;
        /** As `LasMessageSendBy`. */ LastMessageSentBy?:
          Choice<0 | 1 | 2 | 3 | -1, 'visitor' | 'agent' | 'system' | 'chatbot' | 'unknown' | 'unknow'> | None;
        /** Open a ticket. */ IfNewTicket?: Truth | None;
        /** As `IfNewTicket`. */ IsNewTicket?: Truth | None;
        /** Ticket to append to, or the id of the one to open. */ TicketId?: Id | None;
        /** Page where the chat was asked for. */ RequestPageTitle?: Entry | None;
        /** Its address. */ RequestPageUrl?: Entry | None;
        /** The visitor's rating; null is not rated. Whole number, 0 is none. */
        RatingGrade?: Numeric | None;
        /** Comment with it. */ RatingComment?: string | None;
        /** Fields that the site defined, with the entered values. */
        CustomFields?:
          | readonly {
              /** Field of the site. */ Id?: Id | None;
              /** Its name. */ Name?: Entry | None;
              /** The entered value. */ Value?: Entry | None;
            }[]
          | None;
        /** Variables that the site took from its pages. */ CustomVariable?:
          | readonly {
              /** Variable of the site. */ Id?: Id | None;
              /** Its name. */ Name?: Entry | None;
              /** Its value. */ value?: Entry | None;
              /** Link that belongs to the value. */ url?: Entry | None;
            }[]
          | {
              /** Variable of the site. */ Id?: Id | None;
              /** Its name. */ Name?: Entry | None;
              /** Its value. */ value?: Entry | None;
              /** Link that belongs to the value. */ url?: Entry | None;
            }
          | None;
        /** As `CustomVariable`. */ CustomVariables?:
          | readonly {
              /** Variable of the site. */ Id?: Id | None;
              /** Its name. */ Name?: Entry | None;
              /** Its value. */ value?: Entry | None;
              /** Link that belongs to the value. */ url?: Entry | None;
            }[]
          | {
              /** Variable of the site. */ Id?: Id | None;
              /** Its name. */ Name?: Entry | None;
              /** Its value. */ value?: Entry | None;
              /** Link that belongs to the value. */ url?: Entry | None;
            }
          | None;
        /** Hand-overs between agents and departments. */ TransferLogs?:
          | readonly {
              /** When. */ Time?: Time | None;
              /** The kind of `fromId` and `toId`. One of 0 agent, 1 department. */
              TransferType?: Choice<0 | 1, 'agent' | 'department'> | None;
              /** Agent or department that had the chat. */ FromId?: Id | None;
              /** Agent or department that was to have it. */ ToId?: Id | None;
              /** Agent named in the log; the specification does not say in which role. */
              AgentId?: Id | None;
              /** Whether the transfer went through. */ IfSuccess?: Truth | None;
            }[]
          | None;
        /** As `TransferLogs`. */ Transfers?:
          | readonly {
              /** When. */ Time?: Time | None;
              /** The kind of `fromId` and `toId`. One of 0 agent, 1 department. */
              TransferType?: Choice<0 | 1, 'agent' | 'department'> | None;
              /** Agent or department that had the chat. */ FromId?: Id | None;
              /** Agent or department that was to have it. */ ToId?: Id | None;
              /** Agent named in the log; the specification does not say in which role. */
              AgentId?: Id | None;
              /** Whether the transfer went through. */ IfSuccess?: Truth | None;
            }[]
          | None;
        /** Files sent in the chat. */ Attachments?:
          | readonly {
              /** File at the chat server. */ Uid?: Id | None;
              /** As `Uid`. */ Guid?: Id | None;
              /** As `Uid`. */ Id?: Id | None;
              /** File name; not in the specification. */ Name?: Entry | None;
              /** As `Name`. */ FileName?: Entry | None;
              /** As `Name`. */ AttachmentName?: Entry | None;
              /** Where it can be fetched. */ Url?: Entry | None;
              /** Path at the chat server; never opened. */ FilePath?: string | None;
              /** True for a file that an agent put into a note. */ IsNoteFile?: Truth | None;
            }[]
          | None;
        /** Shared browsing, if there was any. */ Cobrowse?:
          | {
              /** When it began. */ Start?: Time | None;
              /** As `Start`. */ StartTime?: Time | None;
              /** When it ended. */ End?: Time | None;
              /** As `End`. */ EndTime?: Time | None;
              /** How far it came. One of 0 inited, 1 requested, 2 accepted, 3 completed. */
              Status?: Choice<0 | 1 | 2 | 3, 'inited' | 'requested' | 'accepted' | 'completed'> | None;
            }
          | None;
        /** As `Cobrowse`. */ Cobrowsing?:
          | {
              /** When it began. */ Start?: Time | None;
              /** As `Start`. */ StartTime?: Time | None;
              /** When it ended. */ End?: Time | None;
              /** As `End`. */ EndTime?: Time | None;
              /** How far it came. One of 0 inited, 1 requested, 2 accepted, 3 completed. */
              Status?: Choice<0 | 1 | 2 | 3, 'inited' | 'requested' | 'accepted' | 'completed'> | None;
            }
          | None;
        /** The answers of the bot. */ BotActions?:
          | readonly {
              /** Action. */ Guid?: Id | None;
              /** As `Guid`. */ Id?: Id | None;
              /** Chat named in the action; may differ from the chat it came in. */
              ChatId?: Id | None;
              /** As `ChatId`. */ ChatGuid?: Id | None;
              /** The question of the visitor. */ OriginalQuestion?: string | None;
              /** Question that the bot took it for. */ StandardQuestionId?: Id | None;
              /** How sure the bot was. One of 0 highConfidenceAnswer, 1 possibleAnswer, 2 noAnswer. */
              BotAnswerType?: Choice<0 | 1 | 2, 'highConfidenceAnswer' | 'possibleAnswer' | 'noAnswer'> | None;
              /** How the visitor rated the answer; the specification names no values. */
              RateType?: Numeric | None;
              /** Deleted at the chat server. */ IfDeleted?: Truth | None;
              /** As `IfDeleted`. */ IsDeleted?: Truth | None;
              /** Added as a question for the bot. */ IsAdd?: Truth | None;
              /** When. */ Time?: Time | None;
            }[]
          | None;
      } & ({ ChatId: Id } | { ChatGuid: Id });
      /** The visitor. */ Visitor?:
        | {
            /** The visitor. */ Id?: Id | None;
            /** As `Id`. */ VisitorId?: Id | None;
            /** Country. */ Country?: Entry | None;
            /** City. */ City?: Entry | None;
            /** Time zone, number or name. */ TimeZone?: Entry | None;
            /** Language. */ Language?: Entry | None;
            /** The name last known; not a surname. */ LastName?: Entry | None;
            /** As `LastName`. */ LastKnownName?: Entry | None;
            /** The e-mail address last known; used where `contact.email` is no address. */
            LastEmail?: Entry | None;
            /** As `LastEmail`. */ LastKnownEmail?: Entry | None;
            /** The kind of `relatedId`; contract is the word of the specification and may mean contact. One of 0 none, 1 agent, 2 user, 3 contract, 4 emailAddress, 5 cookie, 6 visitor. */
            RelatedType?:
              | Choice<
                  0 | 1 | 2 | 3 | 4 | 5 | 6,
                  'none' | 'agent' | 'user' | 'contract' | 'emailAddress' | 'cookie' | 'visitor' | 'contact'
                >
              | None;
            /** Record that the visitor is known by. */ RelatedId?: Id | None;
            /** Segments that the visitor is in. */ segmentIds?: readonly Id[] | Id | None;
            /** As `segmentIds`. */ Segments?: readonly Id[] | Id | None;
          }
        | None;
      /** The records to write to Salesforce; null is none. */ Salesforce?:
        | {
            /** The mode; null counts as createCase, as a sender cannot tell them apart. One of 0 createCase, 1 attachCaseToContact, 2 attachTaskToContact, 3 attachTaskToLead, 4 createContactAndAttachCase, 5 createContactAndAttachTask, 6 createLeadAndAttachTask, 7 updateNullContactFieldsAndAttachCase, 8 updateAllContactFieldsAndAttachCase, 9 updateNullContactFieldsAndAttachTask, 10 updateAllContactFieldsAndAttachTask. */
            PurposeChatEnd?:
              | Choice<
                  0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10,
                  | 'createCase'
                  | 'attachCaseToContact'
                  | 'attachTaskToContact'
                  | 'attachTaskToLead'
                  | 'createContactAndAttachCase'
                  | 'createContactAndAttachTask'
                  | 'createLeadAndAttachTask'
                  | 'updateNullContactFieldsAndAttachCase'
                  | 'updateAllContactFieldsAndAttachCase'
                  | 'updateNullContactFieldsAndAttachTask'
                  | 'updateAllContactFieldsAndAttachTask'
                  | 'updateAllContactFiledsAndAttachTask'
                >
              | None;
            /** Fields of the one case. */ Cases?:
              | readonly {
                  /** Field of the record. */ Name?: Entry | None;
                  /** The value to write. */ value?: Entry | None;
                  /** How the value is shown; never written. */ DisplayValue?: Entry | None;
                }[]
              | None;
            /** As `Cases`. */ Case?:
              | readonly {
                  /** Field of the record. */ Name?: Entry | None;
                  /** The value to write. */ value?: Entry | None;
                  /** How the value is shown; never written. */ DisplayValue?: Entry | None;
                }[]
              | None;
            /** Fields of the one task. */ Tasks?:
              | readonly {
                  /** Field of the record. */ Name?: Entry | None;
                  /** The value to write. */ value?: Entry | None;
                  /** How the value is shown; never written. */ DisplayValue?: Entry | None;
                }[]
              | None;
            /** As `Tasks`. */ Task?:
              | readonly {
                  /** Field of the record. */ Name?: Entry | None;
                  /** The value to write. */ value?: Entry | None;
                  /** How the value is shown; never written. */ DisplayValue?: Entry | None;
                }[]
              | None;
            /** Fields of the one lead. */ Leads?:
              | readonly {
                  /** Field of the record. */ Name?: Entry | None;
                  /** The value to write. */ value?: Entry | None;
                  /** How the value is shown; never written. */ DisplayValue?: Entry | None;
                }[]
              | None;
            /** As `Leads`. */ Lead?:
              | readonly {
                  /** Field of the record. */ Name?: Entry | None;
                  /** The value to write. */ value?: Entry | None;
                  /** How the value is shown; never written. */ DisplayValue?: Entry | None;
                }[]
              | None;
            /** Fields of a contact to create. */ CreateContact?:
              | readonly {
                  /** Field of the record. */ Name?: Entry | None;
                  /** The value to write. */ value?: Entry | None;
                  /** How the value is shown; never written. */ DisplayValue?: Entry | None;
                }[]
              | None;
            /** As `CreateContact`. */ CreateContacts?:
              | readonly {
                  /** Field of the record. */ Name?: Entry | None;
                  /** The value to write. */ value?: Entry | None;
                  /** How the value is shown; never written. */ DisplayValue?: Entry | None;
                }[]
              | None;
            /** Fields of a contact to find and update. */ UpdateContact?:
              | readonly {
                  /** Field of the record. */ Name?: Entry | None;
                  /** The value to write. */ value?: Entry | None;
                  /** How the value is shown; never written. */ DisplayValue?: Entry | None;
                }[]
              | None;
            /** As `UpdateContact`. */ UpdateContacts?:
              | readonly {
                  /** Field of the record. */ Name?: Entry | None;
                  /** The value to write. */ value?: Entry | None;
                  /** How the value is shown; never written. */ DisplayValue?: Entry | None;
                }[]
              | None;
          }
        | None;
    },
    'Chat'
  >;
  /** A visitor has left a message while no agent was there to chat. */
  'OfflineMessage.Submit': {
    /** The site. */ SiteId: Id;
    /** The visitor. */ visitorId?: Id | None;
    /** Country. */ Country?: Entry | None;
    /** City. */ City?: Entry | None;
    /** Time zone, number or name. */ TimeZone?: Entry | None;
    /** Language. */ Language?: Entry | None;
    /** Segments that the visitor is in. */ Segments?: readonly Id[] | Id | None;
    /** As `Segments`. */ SegmentIds?: readonly Id[] | Id | None;
    /** Name. */ VisitorName?: Entry | None;
    /** Company. */ VisitorCompany?: Entry | None;
    /** Phone. */ VisitorPhone?: Entry | None;
    /** E-mail address. */ VisitorEmail?: Entry | None;
    /** Product or service asked about. */ ProductService?: Entry | None;
    /** The visitor's session. */ SessionId?: Id | None;
    /** Chat that the message came out of. */ SourceChatId?: Id | None;
    /** As `SourceChatId`. */ SourceChatGuid?: Id | None;
    /** Campaign. */ CampainId?: Id | None;
    /** As `CampainId`. */ CampaignId?: Id | None;
    /** Ticket to append to. */ TicketId?: Id | None;
    /** The kind of `routeToId`. One of 0 site, 1 department, 2 agent, 3 empty, 4 offlineMessage. */
    RouteToType?:
      Choice<0 | 1 | 2 | 3 | 4, 'site' | 'department' | 'agent' | 'empty' | 'offlineMessage' | 'operator'> | None;
    /** Department or agent that the message is for. */ RouteToId?: Id | None;
    /** How it began. One of 0 button, 1 autoInvitation, 2 manualInvitation. */
    ChatSource?:
      Choice<0 | 1 | 2, 'button' | 'autoInvitation' | 'manualInvitation' | 'chatButton' | 'manuallyInvitation'> | None;
    /** Invitation that it began with. */ AutoInvitationId?: Id | None;
    /** Page where it was written. */ RequestPageTitle?: Entry | None;
    /** Its address. */ RequestPageUrl?: Entry | None;
    /** Subject. */ Title?: string | None;
    /** The message. */ Content?: string | None;
    /** File name. */ AttachmentName?: Entry | None;
    /** The bytes in base64; kept apart from the event when it is recorded. */
    AttachmentContent?: Bytes | None;
    /** Fields that the site defined, with the entered values. */
    CustomFields?:
      | readonly {
          /** Field of the site. */ Id?: Id | None;
          /** Its name. */ Name?: Entry | None;
          /** The entered value. */ Value?: Entry | None;
        }[]
      | None;
    /** Variables that the site took from its pages. */ CustomVariables?:
      | readonly {
          /** Variable of the site. */ Id?: Id | None;
          /** Its name. */ Name?: Entry | None;
          /** Its value. */ value?: Entry | None;
          /** Link that belongs to the value. */ url?: Entry | None;
        }[]
      | {
          /** Variable of the site. */ Id?: Id | None;
          /** Its name. */ Name?: Entry | None;
          /** Its value. */ value?: Entry | None;
          /** Link that belongs to the value. */ url?: Entry | None;
        }
      | None;
    /** As `CustomVariables`. */ CustomVariable?:
      | readonly {
          /** Variable of the site. */ Id?: Id | None;
          /** Its name. */ Name?: Entry | None;
          /** Its value. */ value?: Entry | None;
          /** Link that belongs to the value. */ url?: Entry | None;
        }[]
      | {
          /** Variable of the site. */ Id?: Id | None;
          /** Its name. */ Name?: Entry | None;
          /** Its value. */ value?: Entry | None;
          /** Link that belongs to the value. */ url?: Entry | None;
        }
      | None;
    /** False holds back Salesforce and Zendesk; null does not. */
    IfEnableIntegration?: Truth | None;
  };
  /** A visitor has rated a chat. */
  'Visitor.Rating': {
    /** The site. */ SiteId: Id;
    /** The chat: its GUID if there is one, else its number. */
    ChatGuid?: Id | None;
    /** The chat's number, where the server sends it. */ ChatId?: Id | None;
    /** The rating; null is not rated. Whole number, 0 is none. */
    ratingGrade?: Numeric | None;
    /** Comment with it. */ ratingComment?: string | None;
    /** Fields that the site defined, with the entered values. */
    CustomFields?:
      | readonly {
          /** Field of the site. */ Id?: Id | None;
          /** Its name. */ Name?: Entry | None;
          /** The entered value. */ Value?: Entry | None;
        }[]
      | None;
    /** Variables that the site took from its pages. */ CustomVariables?:
      | readonly {
          /** Variable of the site. */ Id?: Id | None;
          /** Its name. */ Name?: Entry | None;
          /** Its value. */ value?: Entry | None;
          /** Link that belongs to the value. */ url?: Entry | None;
        }[]
      | {
          /** Variable of the site. */ Id?: Id | None;
          /** Its name. */ Name?: Entry | None;
          /** Its value. */ value?: Entry | None;
          /** Link that belongs to the value. */ url?: Entry | None;
        }
      | None;
    /** As `CustomVariables`. */ CustomVariable?:
      | readonly {
          /** Variable of the site. */ Id?: Id | None;
          /** Its name. */ Name?: Entry | None;
          /** Its value. */ value?: Entry | None;
          /** Link that belongs to the value. */ url?: Entry | None;
        }[]
      | {
          /** Variable of the site. */ Id?: Id | None;
          /** Its name. */ Name?: Entry | None;
          /** Its value. */ value?: Entry | None;
          /** Link that belongs to the value. */ url?: Entry | None;
        }
      | None;
  } & ({ ChatGuid: Id } | { ChatId: Id });
  /** An agent has filed a chat after its end. */
  'Agent.Wrapup': {
    /** The site. */ SiteId: Id;
    /** The chat. */ ChatId?: Id | None;
    /** As `ChatId`. */ ChatGuid?: Id | None;
    /** The agent. */ AgentId?: Id | None;
    /** Categories, from list and single field. */ CategoryList?: readonly Id[] | Id | None;
    /** As `CategoryList`. */ CategoryId?: readonly Id[] | Id | None;
    /** As `CategoryList`. */ CategoryIds?: readonly Id[] | Id | None;
    /** The agent's comment. */ Comment?: string | None;
    /** When. */ SubmitTime?: Time | None;
    /** Fields that the site defined, with the entered values. */
    CustomFields?:
      | readonly {
          /** Field of the site. */ Id?: Id | None;
          /** Its name. */ Name?: Entry | None;
          /** The entered value. */ Value?: Entry | None;
        }[]
      | None;
  } & ({ ChatId: Id } | { ChatGuid: Id });
  /** An agent has used a canned message. */
  'CannedMessage.UseLog': {
    /** The site. */ SiteId: Id;
    /** The chat. */ ChatId?: Id | None;
    /** As `ChatId`. */ ChatGuid?: Id | None;
    /** The agent. */ AgentId?: Id | None;
    /** The canned message. */ CannedMessgeId?: Id | None;
    /** As `CannedMessgeId`. */ CannedMessageId?: Id | None;
    /** When. */ Time?: Time | None;
  } & ({ ChatId: Id } | { ChatGuid: Id });
  /** Agents have written to each other. */
  'PrivateMessage.Log': {
    /** The site. */ SiteId: Id;
    /** The messages; one is known by the event and its place here. */
    Messages?:
      | readonly {
          /** The author. */ FromAgentId?: Id | None;
          /** To whom. */ ToAgentId?: Id | None;
          /** When. */ Time?: Time | None;
          /** The text. */ Content?: string | None;
          /** File sent with it. */ AttachmentGuid?: Id | None;
          /** As `AttachmentGuid`. */ AttachmentId?: Id | None;
        }[]
      | None;
    /** As `Messages`. */ Logs?:
      | readonly {
          /** The author. */ FromAgentId?: Id | None;
          /** To whom. */ ToAgentId?: Id | None;
          /** When. */ Time?: Time | None;
          /** The text. */ Content?: string | None;
          /** File sent with it. */ AttachmentGuid?: Id | None;
          /** As `AttachmentGuid`. */ AttachmentId?: Id | None;
        }[]
      | None;
  };
  /** How many visitors wait in the departments' queues. */
  'ChatQueue.Log': {
    /** The site. */ SiteId: Id;
    /** One per department and moment. */ Messages?:
      | readonly {
          /** The department. */ DepartmentId?: Id | None;
          /** Visitors waiting. */ NumberOfQueue?: Numeric | None;
          /** When. */ LogTime?: Time | None;
          /** As `LogTime`. */ Time?: Time | None;
        }[]
      | None;
    /** As `Messages`. */ Logs?:
      | readonly {
          /** The department. */ DepartmentId?: Id | None;
          /** Visitors waiting. */ NumberOfQueue?: Numeric | None;
          /** When. */ LogTime?: Time | None;
          /** As `LogTime`. */ Time?: Time | None;
        }[]
      | None;
  };
  /** An agent has changed status. */
  'AgentStatus.Log': {
    /** The site. */ SiteId: Id;
    /** The agent. */ AgentId?: Id | None;
    /** The new status; the specification names no values. */ Stauts?: Numeric | None;
    /** As `Stauts`. */ Status?: Numeric | None;
    /** When. */ Time?: Time | None;
  };
  /** How automatic invitations were answered. Numbers are to be added to earlier ones, once per event. */
  'AutoInvitation.Log': {
    /** The site. */ SiteId: Id;
    /** One per invitation. */ Logs?:
      | readonly {
          /** Campaign. */ CampainId?: Id | None;
          /** As `CampainId`. */ CampaignId?: Id | None;
          /** Invitation. */ InvitaionId?: Id | None;
          /** As `InvitaionId`. */ InvitationId?: Id | None;
          /** Shown this often. */ SetNumber?: Numeric | None;
          /** As `SetNumber`. */ SentNumber?: Numeric | None;
          /** Accepted this often. */ AcceptNumber?: Numeric | None;
          /** Refused this often. */ RefuseNumber?: Numeric | None;
          /** When. */ Time?: Time | None;
        }[]
      | None;
    /** As `Logs`. */ Messages?:
      | readonly {
          /** Campaign. */ CampainId?: Id | None;
          /** As `CampainId`. */ CampaignId?: Id | None;
          /** Invitation. */ InvitaionId?: Id | None;
          /** As `InvitaionId`. */ InvitationId?: Id | None;
          /** Shown this often. */ SetNumber?: Numeric | None;
          /** As `SetNumber`. */ SentNumber?: Numeric | None;
          /** Accepted this often. */ AcceptNumber?: Numeric | None;
          /** Refused this often. */ RefuseNumber?: Numeric | None;
          /** When. */ Time?: Time | None;
        }[]
      | None;
  };
  /** Agents have invited visitors to a chat. */
  'ManualInvitation.Log': {
    /** The site. */ SiteId: Id;
    /** One per invitation. */ Logs?:
      | readonly {
          /** The agent. */ AgentId?: Id | None;
          /** The visitor's answer. One of 0 missed, 1 accepted, 2 refused. */
          Status?: Choice<0 | 1 | 2, 'missed' | 'accepted' | 'refused' | 'miss' | 'accept' | 'refuse'> | None;
          /** The kind of `transcriptId`. One of 0 chat, 1 offlineMessage, 2 navigation. */
          TranscriptType?: Choice<0 | 1 | 2, 'chat' | 'offlineMessage' | 'navigation'> | None;
          /** The result of the invitation. */ TranscriptId?: Id | None;
          /** The invitation. */ Message?: string | None;
        }[]
      | None;
    /** As `Logs`. */ Messages?:
      | readonly {
          /** The agent. */ AgentId?: Id | None;
          /** The visitor's answer. One of 0 missed, 1 accepted, 2 refused. */
          Status?: Choice<0 | 1 | 2, 'missed' | 'accepted' | 'refused' | 'miss' | 'accept' | 'refuse'> | None;
          /** The kind of `transcriptId`. One of 0 chat, 1 offlineMessage, 2 navigation. */
          TranscriptType?: Choice<0 | 1 | 2, 'chat' | 'offlineMessage' | 'navigation'> | None;
          /** The result of the invitation. */ TranscriptId?: Id | None;
          /** The invitation. */ Message?: string | None;
        }[]
      | None;
  };
  /** Visits of a campaign. The number is to be added to earlier ones, once per event. */
  'Visit.Log': {
    /** The site. */ SiteId: Id;
    /** Campaign. */ CampainId?: Id | None;
    /** As `CampainId`. */ CampaignId?: Id | None;
    /** Visits to add. */ VisitCount?: Numeric | None;
  };
  /** Visitors have reached goals of the site. */
  'Conversion.Log': {
    /** The site. */ SiteId: Id;
    /** One per conversion. */ Logs?:
      | readonly {
          /** Entry at the chat server, null where it is new. */ Id?: Id | None;
          /** The goal that the site counts. */ ConversionId?: Id | None;
          /** Its name. */ ConversionName?: Entry | None;
          /** The visitor. */ VisitorId?: Id | None;
          /** The visitor's cookie. */ CookIdenitityId?: Id | None;
          /** As `CookIdenitityId`. */ CookieIdentityId?: Id | None;
          /** First chat. */ ChatId?: Id | None;
          /** As `ChatId`. */ ChatGuid?: Id | None;
          /** Department of the first chat. */ DepartmentId?: Id | None;
          /** Last chat. */ CurrentChatId?: Id | None;
          /** As `CurrentChatId`. */ CurrentChatGuid?: Id | None;
          /** Department of the last chat. */ CurrentDepartmentId?: Id | None;
          /** The one of the two chats that the conversion counts for. One of 0 firstChat, 1 lastChat. */
          ConversionAccelerateType?: Choice<0 | 1, 'firstChat' | 'lastChat'> | None;
          /** Agent that it is put down to. */ RelatedOperatorId?: Id | None;
          /** As `RelatedOperatorId`. */ RelatedAgentId?: Id | None;
          /** Further information of the site. */ AppendInfo?: string | None;
          /** Its value; no currency is given. */ ConversionValue?: Numeric | None;
          /** When. */ CreateTime?: Time | None;
          /** State of the chat server's own; not used here. */ HasAddToDatabase?: Truth | None;
        }[]
      | None;
    /** As `Logs`. */ Messages?:
      | readonly {
          /** Entry at the chat server, null where it is new. */ Id?: Id | None;
          /** The goal that the site counts. */ ConversionId?: Id | None;
          /** Its name. */ ConversionName?: Entry | None;
          /** The visitor. */ VisitorId?: Id | None;
          /** The visitor's cookie. */ CookIdenitityId?: Id | None;
          /** As `CookIdenitityId`. */ CookieIdentityId?: Id | None;
          /** First chat. */ ChatId?: Id | None;
          /** As `ChatId`. */ ChatGuid?: Id | None;
          /** Department of the first chat. */ DepartmentId?: Id | None;
          /** Last chat. */ CurrentChatId?: Id | None;
          /** As `CurrentChatId`. */ CurrentChatGuid?: Id | None;
          /** Department of the last chat. */ CurrentDepartmentId?: Id | None;
          /** The one of the two chats that the conversion counts for. One of 0 firstChat, 1 lastChat. */
          ConversionAccelerateType?: Choice<0 | 1, 'firstChat' | 'lastChat'> | None;
          /** Agent that it is put down to. */ RelatedOperatorId?: Id | None;
          /** As `RelatedOperatorId`. */ RelatedAgentId?: Id | None;
          /** Further information of the site. */ AppendInfo?: string | None;
          /** Its value; no currency is given. */ ConversionValue?: Numeric | None;
          /** When. */ CreateTime?: Time | None;
          /** State of the chat server's own; not used here. */ HasAddToDatabase?: Truth | None;
        }[]
      | None;
  };
  /** An agent has arranged the columns of the visitor list. */
  'Agent.SavePreference': {
    /** The site. */ SiteId: Id;
    /** The agent. */ AgentId?: Id | None;
    /** All columns, in order. */ Columns?:
      | readonly {
          /** The column; the specification names no values. */ EnumColumn?: Numeric | None;
          /** Whether it is shown. */ IfVisible?: Truth | None;
          /** Its width. */ Width?: Numeric | None;
          /** Custom variable shown in it. */ CustomVariableId?: Id | None;
        }[]
      | None;
  };
  /** A visitor, an IP address or a range of them is banned from the site. */
  'Agent.Ban': {
    /** The site. */ SiteId: Id;
    /** The operator that banned, else the agent. */ OperatorId?: Id | None;
    /** The agent as sent. */ AgentId?: Id | None;
    /** Which it is. One of 0 visitorId, 1 ip, 2 ipRange, required. */
    BanType: Choice<0 | 1 | 2, 'visitorId' | 'ip' | 'ipRange' | 'visitor' | 'ipArrange'>;
    /** The visitor, the address, or the first address. */ IpFromOrVisitorId?: Id | None;
    /** As `IpFromOrVisitorId`. */ IpFrom?: Id | None;
    /** As `IpFromOrVisitorId`. */ Ip?: Id | None;
    /** As `IpFromOrVisitorId`. */ VisitorId?: Id | None;
    /** The last address. */ IpTo?: Id | None;
    /** Why. */ Comment?: string | None;
  } & ({ IpFromOrVisitorId: Id } | { IpFrom: Id } | { Ip: Id } | { VisitorId: Id });
}

/** The same where the site need not stand in the data. */
export type SiteOptional<D> = D extends { SiteId: infer S }
  ? Omit<D, 'SiteId'> & { SiteId?: S | None }
  : D extends { Chat: infer C }
    ? Omit<D, 'Chat'> & { Chat: SiteOptional<C> }
    : D;

export type EventType = keyof WireData;
